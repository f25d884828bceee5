package io.dormouse.architecture.wrong.observe.micrometer;

import io.dormouse.architecture.wrong.loop.Inner;
import io.dormouse.architecture.wrong.observe.jfr.JfrRoom;
import java.util.List;

/** Knows a room beside it, and one that is none of its business. */
public final class MicrometerRoom {
  static final List<Class<?>> KNOWN = List.of(JfrRoom.class, Inner.class);

  private MicrometerRoom() {}
}
