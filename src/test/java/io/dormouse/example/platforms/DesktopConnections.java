package io.dormouse.example.platforms;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.desktop.DesktopLifecycle;
import io.dormouse.lifecycle.jvm.ShutdownLifecycle;
import java.time.Duration;

/** On a laptop: asleep with the computer, and five minutes after the window was hidden. */
public final class DesktopConnections {
  private DesktopConnections() {}

  public static ConnectionRegistry open() {
    ShutdownLifecycle shutdown = ShutdownLifecycle.register();
    ConnectionRegistry registry =
        ConnectionRegistry.builder(
                AppLifecycle.allOf(
                    DesktopLifecycle.systemAwake(),
                    DesktopLifecycle.visible().settled(Duration.ofMinutes(5)),
                    shutdown))
            .build();
    shutdown.guard(registry); // the JVM waits for FINs and close frames
    return registry;
  }
}
