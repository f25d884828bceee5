package io.dormouse.architecture.wrong;

import android.app.Application;
import io.dormouse.architecture.wrong.lifecycle.android.AndroidRoom;
import io.dormouse.architecture.wrong.lifecycle.crac.CracRoom;
import io.dormouse.architecture.wrong.lifecycle.desktop.DesktopRoom;
import io.dormouse.architecture.wrong.lifecycle.harmony.HarmonyRoom;
import io.dormouse.architecture.wrong.lifecycle.jvm.JvmRoom;
import io.dormouse.architecture.wrong.observe.jfr.JfrRoom;
import io.dormouse.architecture.wrong.observe.micrometer.MicrometerRoom;
import io.dormouse.architecture.wrong.testing.junit.JUnitRoom;
import io.micrometer.core.instrument.Meter;
import java.awt.Desktop;
import java.util.List;
import jdk.jfr.Event;
import org.crac.Resource;
import org.junit.jupiter.api.extension.Extension;

/** Uses what only some have, and knows the rooms that may. */
final class OptionalEverywhere {
  static final List<Class<?>> OPTIONAL =
      List.of(
          Application.class,
          Desktop.class,
          Resource.class,
          Event.class,
          Meter.class,
          Extension.class);
  static final List<Class<?>> ADAPTERS =
      List.of(
          AndroidRoom.class,
          CracRoom.class,
          DesktopRoom.class,
          HarmonyRoom.class,
          JvmRoom.class,
          JfrRoom.class,
          MicrometerRoom.class,
          JUnitRoom.class);

  private OptionalEverywhere() {}
}
