package io.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import androidx.lifecycle.ProcessLifecycleOwner;
import io.dormouse.example.platforms.NetworkAbility;
import io.dormouse.example.platforms.ProcessLifecycle;
import io.dormouse.example.platforms.SpringConnections;
import io.dormouse.http.SuspendedException;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import io.dormouse.support.servers.HttpEchoServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.support.servers.UdpEchoServer;
import io.dormouse.support.servers.WebSocketEchoServer;
import io.dormouse.tcp.TcpConnection;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The examples of the platforms' page, run. */
class PlatformsTest {
  @Test
  void theSamplesOfTheGuidelineGoToTheBackgroundAndComeBack() throws Exception {
    Assumptions.assumeTrue(OsSockets.isAvailable());
    try (HttpEchoServer http = new HttpEchoServer();
        TcpEchoServer tcp = new TcpEchoServer();
        UdpEchoServer udp = new UdpEchoServer();
        WebSocketEchoServer webSocket = new WebSocketEchoServer()) {
      http.start();
      tcp.start();
      udp.start();
      webSocket.start();
      try (NetworkAbility ability =
          new NetworkAbility(
              "http://127.0.0.1:" + http.port() + "/",
              "127.0.0.1",
              tcp.port(),
              udp.port(),
              "ws://127.0.0.1:" + webSocket.port() + "/")) {
        for (int i = 1; i <= 3; i++) {
          ability.onForeground();
          ability.awaitOpen();
          assertThat(ability.request()).isEqualTo(200);
          assertThat(OsSockets.connectedTo(webSocket.port())).isEqualTo(1);
          ability.onBackground();
          for (int port : new int[] {http.port(), tcp.port(), udp.port(), webSocket.port()}) {
            assertThat(OsSockets.connectedTo(port)).isZero();
          }
          assertThat(tcp.accepted()).isEqualTo(i);
          assertThatThrownBy(ability::request).isInstanceOf(SuspendedException.class);
        }
      }
    }
  }

  @Test
  void springStartsAndStopsIt() {
    try (TcpEchoServer server = new TcpEchoServer();
        SpringConnections bean = new SpringConnections()) {
      server.start();
      TcpConnection tcp =
          bean.registry().tcp("tcp").connectTo("127.0.0.1", server.port()).register();
      assertThat(bean.isRunning()).isFalse();
      bean.start();
      Await.get(tcp.whenOpen());
      assertThat(bean.isRunning()).isTrue();
      bean.stop();
      assertThat(bean.registry().stillOpen()).isEmpty();
      assertThat(bean.isRunning()).isFalse();
    }
  }

  @Test
  void theProcessLifecycleIsFollowed() {
    AppLifecycle lifecycle = ProcessLifecycle.follow();
    ProcessLifecycleOwner.get().start();
    assertThat(lifecycle.state()).isEqualTo(AppState.FOREGROUND);
    ProcessLifecycleOwner.get().stop();
    assertThat(lifecycle.state()).isEqualTo(AppState.BACKGROUND);
  }
}
