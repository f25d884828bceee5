package io.dormouse.observe.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.Connection;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.task.LongRunningTask;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A recorder of a registry with real sockets. */
class RecordedRegistryTest {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();

  @Test
  @SuppressWarnings("try") // closed before its time
  void aDayOfAnAppIsRecorded() {
    try (TcpEchoServer server = new TcpEchoServer();
        ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
      server.start();
      TimelineRecorder recorder = TimelineRecorder.of(registry);
      Connection telemetry =
          registry.tcp("telemetry").connectTo("127.0.0.1", server.port()).register();

      lifecycle.onForeground();
      Await.get(telemetry.whenOpen());
      LongRunningTask task = registry.startTask("tracking");
      lifecycle.onBackground();
      Await.get(registry.settled());
      task.close();
      Await.get(registry.settled());
      lifecycle.onForeground();
      Await.get(telemetry.whenOpen());
      registry.close();

      Await.until(
          "all has been told",
          () ->
              recorder.timeline().rows().stream()
                  .anyMatch(row -> last(row).state() == Shade.CLOSED));
      Timeline timeline = recorder.timeline();
      Row row = row(timeline, "telemetry");
      assertThat(row.kind()).isEqualTo("TCP");
      assertThat(row.spans())
          .extracting(Span::state)
          .containsSubsequence(
              Shade.CONNECTING,
              Shade.OPEN,
              Shade.DRAINING,
              Shade.SUSPENDED,
              Shade.CONNECTING,
              Shade.OPEN,
              Shade.CLOSED);
      assertThat(row.spans())
          .filteredOn(span -> span.state() == Shade.OPEN)
          .allSatisfy(span -> assertThat(span.address()).contains("127.0.0.1:" + server.port()));
      assertThat(row.spans())
          .filteredOn(span -> span.state() == Shade.SUSPENDED)
          .anySatisfy(span -> assertThat(span.reason()).startsWith("TASK_ENDED"));
      assertThat(row(timeline, "tracking").spans())
          .singleElement()
          .satisfies(span -> assertThat(span.reason()).isEqualTo("covers all connections; closed"));
      assertThat(timeline.away()).isNotEmpty();
      assertThat(timeline.dropped()).isZero();
      assertThat(timeline).hasToString(timeline.summary());
      for (Row each : timeline.rows()) {
        long end = 0;
        for (Span span : each.spans()) {
          assertThat(span.from()).isGreaterThanOrEqualTo(end);
          end = span.to();
        }
      }
    }
  }

  private static Span last(Row row) {
    List<Span> spans = row.spans();
    return spans.get(spans.size() - 1);
  }

  private static Row row(Timeline timeline, String name) {
    return timeline.rows().stream()
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
