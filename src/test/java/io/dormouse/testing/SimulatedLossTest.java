package io.dormouse.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.tcp.TcpConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a lost connection throws, as the JDK on Linux throws it. */
class SimulatedLossTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String KILLED = "Software caused connection abort";

  private final SimulatedWorld world = new SimulatedWorld();
  private final Host server = world.host("203.0.113.1").serve(7, Peers.echo());
  private final ConnectionRegistry registry = world.registry().build();
  private final List<CloseReason> reasons = new ArrayList<>();

  @BeforeEach
  void begin() {
    world.lifecycle().onForeground();
  }

  @AfterEach
  void close() {
    registry.close();
    world.close();
  }

  private void hear(Connection of, StateChange change) {
    change.reason().ifPresent(reasons::add);
  }

  private TcpConnection register() {
    return registry.tcp("echo").connectTo("203.0.113.1", 7).onStateChange(this::hear).register();
  }

  private TcpConnection open() {
    TcpConnection opened = register();
    world.await(opened.whenOpen());
    return opened;
  }

  private void assertReason(CloseReason.Kind kind, Class<?> cause, String words) {
    CloseReason first = reasons.get(0);
    assertThat(first.kind()).isEqualTo(kind);
    assertThat(first.cause()).get().isExactlyInstanceOf(cause);
    assertThat(first.cause()).get().extracting(Throwable::getMessage).isEqualTo(words);
  }

  @Test
  void killedIsALostNetwork() {
    TcpConnection opened = open();
    world.killSockets();
    world.advance(Duration.ofMillis(1));
    assertThat(opened.state()).isNotEqualTo(ConnectionState.OPEN);
    assertReason(CloseReason.Kind.NETWORK_LOST, IOException.class, KILLED);
  }

  @Test
  void whatTheSystemGivesUpIsALostNetwork() {
    TcpConnection opened = open();
    server.link().down();
    CompletableFuture<Void> unused = opened.send("anybody there?");
    world.awaitUntil("the system gives up", () -> !reasons.isEmpty(), Duration.ofHours(1));
    assertReason(CloseReason.Kind.NETWORK_LOST, IOException.class, "Connection timed out");
  }

  @Test
  void aResetIsThePeers() {
    TcpConnection opened = open();
    server.resetAll();
    world.advance(SECOND);
    assertThat(opened.snapshot().bytesIn()).isZero();
    assertReason(CloseReason.Kind.PEER_RESET, SocketException.class, "Connection reset");
  }

  @Test
  void killedWhileItConnects() {
    server.silence(7);
    TcpConnection connecting = register();
    world.advance(SECOND);
    world.killSockets();
    world.advance(Duration.ofMillis(1));
    assertThat(connecting.state()).isNotEqualTo(ConnectionState.OPEN);
    assertReason(CloseReason.Kind.CONNECT_FAILED, SocketException.class, KILLED);
  }

  @Test
  void refused() {
    server.refuse(7);
    TcpConnection connecting = register();
    world.advance(Duration.ofMillis(100));
    assertThat(connecting.state()).isNotEqualTo(ConnectionState.OPEN);
    assertReason(CloseReason.Kind.CONNECT_FAILED, ConnectException.class, "Connection refused");
  }

  @Test
  void withoutANetwork() {
    world.network().offline(true);
    TcpConnection connecting = register();
    world.advance(Duration.ofMillis(100));
    assertThat(connecting.state()).isNotEqualTo(ConnectionState.OPEN);
    assertReason(CloseReason.Kind.CONNECT_FAILED, SocketException.class, "Network is unreachable");
  }

  private Socket socket() throws IOException {
    Socket socket = world.httpClient(new OkHttpClient()).socketFactory().createSocket();
    socket.connect(new InetSocketAddress(server.address(), 7));
    return socket;
  }

  private static void assertThrows(Socket socket, boolean write, String words) {
    assertThatThrownBy(
            () -> {
              if (write) {
                socket.getOutputStream().write("hello".getBytes(UTF_8));
              } else {
                int unused = socket.getInputStream().read();
              }
            })
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage(words);
  }

  @Test
  void aReadHearsOnceThatItIsKilledAndThenOfTheEnd() throws IOException {
    try (Socket socket = socket()) {
      world.killSockets();
      world.advance(SECOND);
      assertThrows(socket, false, KILLED);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThrows(socket, true, "Broken pipe");
    }
  }

  @Test
  void aReadHearsOfAResetAgainAndAgain() throws IOException {
    try (Socket socket = socket()) {
      server.resetAll();
      world.advance(SECOND);
      assertThrows(socket, false, "Connection reset");
      assertThrows(socket, false, "Connection reset");
      assertThrows(socket, true, "Broken pipe");
    }
  }

  @Test
  void aWriteHearsOfAResetOnceAndAReadOfTheEnd() throws IOException {
    try (Socket socket = socket()) {
      server.resetAll();
      world.advance(SECOND);
      assertThrows(socket, true, "Connection reset by peer");
      assertThrows(socket, true, "Broken pipe");
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }
}
