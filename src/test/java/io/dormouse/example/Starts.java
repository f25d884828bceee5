package io.dormouse.example;

import android.app.Application;
import io.dormouse.ConnectionRegistry;
import io.dormouse.example.platforms.SpringConnections;
import io.dormouse.http.HttpConnection;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.lifecycle.android.AndroidPlatform;
import io.dormouse.lifecycle.crac.CheckpointLifecycle;
import io.dormouse.lifecycle.desktop.DesktopLifecycle;
import io.dormouse.lifecycle.jvm.ShutdownLifecycle;
import io.dormouse.tcp.Framing;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The first lines on each platform. */
final class Starts {
  private Starts() {}

  static ConnectionRegistry first() {
    // begin: first
    ManualAppLifecycle lifecycle = new ManualAppLifecycle(); // or the platform's adapter
    ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();

    HttpConnection api = registry.http("api").register(); // api.client() is an OkHttpClient as ever
    WebSocketConnection chat =
        registry
            .webSocket("chat")
            .connectTo("wss://chat.example.com/v1")
            .onText((ws, text) -> show(text))
            .register();

    lifecycle.onForeground(); // in the platform's hook: all connections open, and stay so
    lifecycle.onBackground(); // in the other: all close, within 4 s
    // end: first
    show(api.name() + chat.name());
    return registry;
  }

  static ConnectionRegistry android(Application application) {
    // begin: android
    // In Application.onCreate(), on the main thread:
    ConnectionRegistry registry =
        ConnectionRegistry.builder(AndroidPlatform.lifecycle(application)) // counts activities
            .callbackExecutor(AndroidPlatform.mainThread()) // so callbacks may touch views
            .sleepAwareClock(AndroidPlatform.elapsedRealtime())
            .build();

    WebSocketConnection chat =
        registry
            .webSocket("chat")
            .connectTo("wss://chat.example.com/v1")
            .onText((ws, text) -> show(text))
            .register();
    // end: android
    show(chat.name());
    return registry;
  }

  static void harmony(ManualAppLifecycle lifecycle, ConnectionRegistry registry) {
    // begin: harmony
    // When the UIAbility's onForeground() is called:
    lifecycle.onForeground();

    // When its onBackground() is called:
    lifecycle.onBackground();
    if (!registry.awaitSettled(Duration.ofSeconds(4))) { // the system suspends the app after 6 s
      show("still open: " + registry.stillOpen());
    }
    // end: harmony
  }

  static ConnectionRegistry desktop() {
    // begin: desktop
    ShutdownLifecycle shutdown = ShutdownLifecycle.register();
    ConnectionRegistry registry =
        ConnectionRegistry.builder(AppLifecycle.allOf(DesktopLifecycle.systemAwake(), shutdown))
            .build();
    shutdown.guard(registry); // the JVM waits for FINs and close frames
    // end: desktop
    return registry;
  }

  static ConnectionRegistry service() {
    // begin: service
    CheckpointLifecycle checkpoints = CheckpointLifecycle.register(); // leave it out without CRaC
    ShutdownLifecycle shutdown = ShutdownLifecycle.register();
    ConnectionRegistry registry =
        ConnectionRegistry.builder(AppLifecycle.allOf(checkpoints, shutdown)).build();
    checkpoints.guard(registry); // a checkpoint waits until no socket is open
    shutdown.guard(registry);
    // end: service
    return registry;
  }

  static WebSocketConnection spring(SpringConnections connections) {
    // begin: spring
    // Where a bean is made; SpringConnections is one, too:
    WebSocketConnection prices =
        connections
            .registry()
            .webSocket("prices")
            .connectTo("wss://prices.example.com/v1")
            .onText((ws, text) -> show(text))
            .register();
    // end: spring
    return prices;
  }

  static void commandLine(String host, int port) throws Exception {
    // begin: commandLine
    try (ConnectionRegistry registry =
        ConnectionRegistry.builder(AppLifecycle.alwaysForeground()).build()) {
      TcpConnection lines =
          registry
              .tcp("lines")
              .connectTo(host, port)
              .onMessage(Framing.lines(8_192), (tcp, line) -> show(line))
              .register();
      lines.whenOpen().get(10, TimeUnit.SECONDS);
      TimeUnit.MINUTES.sleep(1); // the threads of a registry keep no JVM alive
    }
    // end: commandLine
  }

  private static void show(String text) {
    System.out.println(text);
  }
}
