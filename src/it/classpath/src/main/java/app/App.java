package app;

import io.dormouse.ConnectionRegistry;
import io.dormouse.observe.jfr.JfrEvents;
import io.dormouse.observe.timeline.TimelineRecorder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.testing.Peers;
import io.dormouse.testing.SimulatedWorld;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;

/** Has exactly what it needs, and runs with it. */
public final class App {
  public static void main(String[] args) throws Exception {
    Set<String> jars =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar"))
            .map(entry -> new File(entry).getName().replaceAll("-\\d.*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> wanted =
        new TreeSet<>(
            Set.of(
                "dormouse",
                "Java-WebSocket",
                "jspecify",
                "slf4j-api",
                "okhttp",
                "okhttp-jvm",
                "okio", // from here on: OkHttp's
                "okio-jvm",
                "kotlin-stdlib",
                "annotations"));
    require(jars.equals(wanted), wanted + " on the class path, not " + jars);
    for (String optional :
        List.of(
            "android.app.Activity",
            "org.crac.Core",
            "io.micrometer.core.instrument.MeterRegistry",
            "org.junit.jupiter.api.Test")) {
      try {
        Class.forName(optional);
        require(false, "no " + optional);
      } catch (ClassNotFoundException e) {
        // as it should be
      }
    }

    List<Byte> echoed = new ArrayList<>();
    try (SimulatedWorld world = new SimulatedWorld()) {
      world.host("203.0.113.1", "echo.example.com").serve(7, Peers.echo());
      try (ConnectionRegistry registry = world.registry().build();
          JfrEvents events = JfrEvents.of(registry);
          TimelineRecorder recorder = TimelineRecorder.of(registry)) {
        registry.http("http").client(world.httpClient(new OkHttpClient())).register();
        registry.udp("udp").connectTo("203.0.113.1", 53).register();
        registry.webSocket("ws").connectTo("ws://echo.example.com:7/").register();
        TcpConnection tcp =
            registry
                .tcp("tcp")
                .connectTo("echo.example.com", 7)
                .onData(
                    (connection, data) -> {
                      while (data.hasRemaining()) {
                        echoed.add(data.get());
                      }
                    })
                .register();
        world.lifecycle().onForeground();
        world.await(tcp.whenOpen());
        world.await(tcp.send(new byte[] {42}));
        world.awaitUntil("an echo", () -> !echoed.isEmpty(), Duration.ofSeconds(1));
        world.lifecycle().onBackground();
        require(registry.awaitSettled(Duration.ofSeconds(4)), "settled");
        world.assertQuiescent();
        require(recorder.timeline().toSvg("day").contains("tcp"), "a timeline with a row for tcp");
      }
    }
    require(echoed.equals(List.of((byte) 42)), "[42], not " + echoed);
    System.out.println("exactly " + jars + ", and an echo of " + echoed);
  }

  private static void require(boolean held, String what) {
    if (!held) {
      throw new AssertionError("expected " + what);
    }
  }
}
