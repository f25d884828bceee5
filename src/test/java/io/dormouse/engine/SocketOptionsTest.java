package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import io.dormouse.network.ForwardingNetwork;
import io.dormouse.network.Transport;
import io.dormouse.network.TransportOptions;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import io.dormouse.websocket.WebSocketBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the app says of its sockets is what the network is asked for. */
class SocketOptionsTest {
  private static final InetSocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 0);
  private static final TransportOptions CHOSEN =
      new TransportOptions(
          Optional.of(LOCAL), false, true, OptionalInt.of(40_000), OptionalInt.of(60_000));

  private final ManualLoop loop = new ManualLoop();
  private final SimulatedNetwork network = Simulations.network(loop, 1);
  private final List<TransportOptions> asked = new ArrayList<>();
  private final Rig rig = new Rig(1, loop, recording(), Optional.of(network.blocking()));

  private ForwardingNetwork recording() {
    return new ForwardingNetwork() {
      @Override
      public Transport openStream(TransportOptions options) throws IOException {
        asked.add(options);
        return Simulations.seenBy(network).openStream(options);
      }
    };
  }

  private TransportOptions askedOnce() {
    rig.front();
    rig.advance(Duration.ofMillis(1));
    assertThat(asked).hasSize(1);
    return asked.get(0);
  }

  private WebSocketBuilder webSocket(String url) {
    return new WebSocketBuilder(rig.engine, "chat").connectTo(url);
  }

  private TcpBuilder tcp() {
    return new TcpBuilder(rig.engine, "telemetry").connectTo("10.0.0.1", 9_000);
  }

  @AfterEach
  void close() {
    network.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws", "wss"})
  void ofAWebSocket(String scheme) {
    webSocket(scheme + "://10.0.0.1:9000/")
        .bind(LOCAL)
        .noDelay(false)
        .keepAlive(true)
        .sendBufferSize(40_000)
        .receiveBufferSize(60_000)
        .register();
    assertThat(askedOnce()).isEqualTo(CHOSEN);
  }

  @Test
  void ofAWebSocketThatSaysNothing() {
    webSocket("ws://10.0.0.1:9000/").register();
    assertThat(askedOnce()).isEqualTo(TransportOptions.standard());
  }

  @Test
  void ofTcp() {
    tcp()
        .bind(LOCAL)
        .noDelay(false)
        .keepAlive(true)
        .sendBufferSize(40_000)
        .receiveBufferSize(60_000)
        .register();
    assertThat(askedOnce()).isEqualTo(CHOSEN);
  }

  @Test
  void ofTcpThatSaysNothing() {
    tcp().register();
    assertThat(askedOnce()).isEqualTo(TransportOptions.standard());
  }
}
