package io.dormouse.architecture;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.lifecycle.harmony.HarmonyTasks;
import io.dormouse.lifecycle.jvm.ShutdownLifecycle;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.TcpConnection;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An app on a class path without anything that is optional; see {@link OptionalClassesTest}. */
final class WithoutOptional {
  private WithoutOptional() {}

  public static void main(String[] args) throws Exception {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    try (ServerSocket server = new ServerSocket(0);
        ShutdownLifecycle shutdown = ShutdownLifecycle.register();
        ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
      shutdown.guard(registry);
      registry.http("http").register().client();
      registry.udp("udp").register();
      registry.webSocket("ws").connectTo("ws://127.0.0.1:9/").register();
      TcpConnection tcp =
          registry.tcp("tcp").connectTo("127.0.0.1", server.getLocalPort()).register();
      lifecycle.onForeground();
      tcp.whenOpen().get(30, TimeUnit.SECONDS);
      try (LongRunningTask task = registry.startTask("task")) {
        lifecycle.onBackground();
        if (registry.stillOpen().isEmpty() || !task.ending().isEmpty()) {
          throw new AssertionError("the task keeps nothing");
        }
      }
      if (!registry.awaitSettled(Duration.ofSeconds(30)) || !registry.stillOpen().isEmpty()) {
        throw new AssertionError(registry.stillOpen());
      }
      System.out.println("limit " + HarmonyTasks.TRANSIENT_LIMIT);
    }
    absent("android.app.Application");
    absent("org.crac.Resource");
    absent("java.awt.Desktop");
    absent("jdk.jfr.Event");
    absent("io.micrometer.core.instrument.MeterRegistry");
    absent("org.junit.jupiter.api.extension.Extension");
    System.out.println("ran without");
  }

  private static void absent(String name) {
    try {
      throw new AssertionError(Class.forName(name) + " is there, so this shows nothing");
    } catch (ClassNotFoundException e) {
      System.out.println("absent " + name);
    }
  }
}
