package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.Registries;
import io.dormouse.support.Texts;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.websocket.WebSocketConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Many connections in one registry. */
class ManyConnectionsTest {
  private static final int OF_EACH_KIND = 200;
  private static final int THREADS = 4;

  @Test
  void fourHundredConnectionsLiveOnAtMostFourThreadsAndSleepWithoutASocket() {
    try (TcpEchoServer tcpServer = new TcpEchoServer();
        WebSocketEchoServer webSocketServer = new WebSocketEchoServer();
        Registries app = new Registries(Duration.ofSeconds(20))) {
      tcpServer.start();
      webSocketServer.start();
      CountDownLatch echoes = new CountDownLatch(2 * OF_EACH_KIND);
      List<TcpConnection> streams = new ArrayList<>();
      List<WebSocketConnection> webSockets = new ArrayList<>();
      for (int i = 0; i < OF_EACH_KIND; i++) {
        streams.add(
            app.registry()
                .tcp("tcp-" + i)
                .connectTo("127.0.0.1", tcpServer.port())
                .onData((connection, bytes) -> echoes.countDown())
                .register());
        webSockets.add(
            app.registry()
                .webSocket("ws-" + i)
                .connectTo("ws://127.0.0.1:" + webSocketServer.port() + "/")
                .onText((connection, text) -> echoes.countDown())
                .register());
      }
      app.foreground();
      ResumeReport resumed = Await.get(app.registry().resumed());
      assertThat(resumed.count(ResumeReport.Outcome.OPENED)).isEqualTo(2L * OF_EACH_KIND);
      streams.forEach(tcp -> Await.get(tcp.send(Texts.bytes("hello"))));
      webSockets.forEach(webSocket -> Await.get(webSocket.sendText("hello")));
      Await.latch(echoes);
      Await.until("no spare threads", () -> OwnThreads.names().size() <= THREADS);
      assertThat(OsSockets.connectedTo(tcpServer.port())).isEqualTo(OF_EACH_KIND);
      assertThat(OsSockets.connectedTo(webSocketServer.port())).isEqualTo(OF_EACH_KIND);

      SuspendReport report = app.suspend();

      assertThat(report.count(SuspendReport.Outcome.CLOSED_CLEANLY))
          .as("%s", report)
          .isEqualTo(2L * OF_EACH_KIND);
      assertThat(report.socketsLeft()).isZero();
      assertThat(OsSockets.connectedTo(tcpServer.port())).isZero();
      assertThat(OsSockets.connectedTo(webSocketServer.port())).isZero();
      assertThat(OwnThreads.names().size()).isLessThanOrEqualTo(THREADS);
      for (Connection connection : app.registry().connections()) {
        assertThat(connection.state()).isEqualTo(ConnectionState.SUSPENDED);
      }
    }
  }
}
