package io.dormouse.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.ConnectionState;
import io.dormouse.loop.ManualLoop;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.testing.Host;
import io.dormouse.testing.Peer;
import io.dormouse.testing.PeerSocket;
import io.dormouse.testing.Peers;
import io.dormouse.testing.ProxyPeer;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import io.dormouse.testing.WebSocketPeer;
import io.dormouse.websocket.WebSocketBuilder;
import io.dormouse.websocket.WebSocketConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections through proxies, on virtual time. */
class ProxyTest {
  private static final int PORT = 9_000;
  private static final int PROXY_PORT = 3_128;

  private final ManualLoop loop = new ManualLoop();
  private final SimulatedNetwork network = Simulations.network(loop, 1);
  private final Rig rig =
      new Rig(64, loop, Simulations.seenBy(network), Optional.of(network.blocking()));
  private final Host proxy = network.host("10.0.0.2", "proxy.example");
  private final Chooser chooser = new Chooser();
  private final List<String> attempts = new ArrayList<>();
  private final List<CloseReason> ends = new ArrayList<>();
  private final StringBuilder received = new StringBuilder();

  /** Chooses what the test says. */
  private static final class Chooser extends ProxySelector {
    List<Proxy> chosen = List.of();
    RuntimeException failure;
    final List<URI> asked = new ArrayList<>();
    final List<String> failed = new ArrayList<>();

    @Override
    public List<Proxy> select(URI uri) {
      asked.add(uri);
      if (failure != null) {
        throw failure;
      }
      return chosen;
    }

    @Override
    public void connectFailed(URI uri, SocketAddress at, IOException why) {
      failed.add(uri + " " + ((InetSocketAddress) at).getPort() + " " + why.getMessage());
    }
  }

  @BeforeEach
  void begin() {
    network.host("10.0.0.1", "h.example").serve(PORT, Peers.echo());
    network.names().delay(Duration.ZERO);
    network.onConnect((from, to) -> attempts.add(to.getAddress().getHostAddress()));
    proxy.serve(PROXY_PORT, ProxyPeer.to(Peers.echo()));
    chooser.chosen = List.of(http());
    rig.front();
  }

  @AfterEach
  void nothingStaysBehind() {
    rig.back();
    rig.advance(Duration.ofSeconds(5));
    assertThat(network.openSockets()).isZero();
    assertThat(loop.thrown()).isEmpty();
    assertThat(loop.pendingTimers()).isEqualTo(Simulations.pendingTimers(network));
    network.close();
  }

  private Proxy http() {
    return new Proxy(Proxy.Type.HTTP, proxy.at(PROXY_PORT));
  }

  private TcpBuilder builder() {
    return new TcpBuilder(rig.engine, "a")
        .connectTo("h.example", PORT)
        .proxySelector(chooser)
        .onData((tcp, bytes) -> received.append(US_ASCII.decode(bytes)))
        .onStateChange((tcp, change) -> change.reason().ifPresent(ends::add));
  }

  private TcpConnection connect() {
    TcpConnection tcp = builder().register();
    advance(100);
    return tcp;
  }

  private void advance(long millis) {
    rig.advance(Duration.ofMillis(millis));
  }

  private void assertEnds(Kind kind, String detail) {
    assertThat(ends).hasSize(1);
    assertThat(ends.get(0).kind()).isEqualTo(kind);
    assertThat(ends.get(0).detail()).isEqualTo(detail);
    assertThat(network.openSockets()).isZero();
  }

  @Test
  void theProxyIsConnectedToAndLooksTheHostUpItself() {
    TcpConnection tcp = connect();
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(attempts).containsExactly("10.0.0.2");
    assertThat(network.names().asked()).isZero();
    assertThat(chooser.asked).containsExactly(URI.create("socket://h.example:9000"));
    rig.value(tcp.send("hello"));
    advance(100);
    assertThat(received).hasToString("hello");
    assertThat(network.openSockets()).isEqualTo(1);
  }

  @Test
  void aProxyThatIsNamedIsLookedUp() {
    InetSocketAddress named = InetSocketAddress.createUnresolved("proxy.example", PROXY_PORT);
    chooser.chosen = List.of(new Proxy(Proxy.Type.HTTP, named));
    assertThat(connect().state()).isEqualTo(ConnectionState.OPEN);
    assertThat(network.names().asked()).isEqualTo(1);
    assertThat(attempts).containsExactly("10.0.0.2");
  }

  @Test
  void aWebSocketGoesThroughTheProxyForHttps() {
    proxy.serve(PROXY_PORT, ProxyPeer.to(() -> new WebSocketPeer() {}));
    WebSocketConnection ws =
        new WebSocketBuilder(rig.engine, "ws")
            .connectTo("ws://h.example/?token=s3cret")
            .proxySelector(chooser)
            .register();
    advance(100);
    assertThat(ws.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(chooser.asked).as("no secrets").containsExactly(URI.create("https://h.example:80"));
  }

  @Test
  void whatTheHostSaysFirstIsHeard() {
    proxy.serve(PROXY_PORT, ProxyPeer.to(Peers.halfClosing(US_ASCII.encode("welcome"))));
    connect();
    assertThat(received).hasToString("welcome");
  }

  /** RFC 9110, section 9.3.6: such an answer has no body, whatever it says of one. */
  @Test
  void aLengthThatAProxyGivesItsYesTakesNothingFromTheHost() {
    proxy.serve(
        PROXY_PORT, ProxyPeer.answering("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome"));
    assertThat(connect().state()).isEqualTo(ConnectionState.OPEN);
    assertThat(received).hasToString("welcome");
  }

  @Test
  void whatTheHostSaysRightBehindASocksAnswerIsHeard() {
    String name = "a".repeat(255);
    serveSocks("\5\0", "\5\0\0\3\u00ff" + name + "\1\u00bbwelcome", "and more".repeat(100));
    TcpConnection tcp = connect();
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(received).hasToString("welcome");
    rig.value(tcp.send("hello"));
    advance(100);
    assertThat(received).hasToString("welcome" + "and more".repeat(100));
  }

  /** A SOCKS proxy that says this, each time after it was told something. */
  private void serveSocks(String... words) {
    chooser.chosen = List.of(new Proxy(Proxy.Type.SOCKS, proxy.at(PROXY_PORT)));
    proxy.serve(
        PROXY_PORT,
        () ->
            new Peer() {
              private int next;

              @Override
              public void received(PeerSocket socket, ByteBuffer bytes) {
                socket.send(ISO_8859_1.encode(words[next]));
                next++;
              }
            });
  }

  @Test
  void aSocksProxyThatSaysGarbageWithoutEndIsNamed() {
    serveSocks("\5\0".repeat(100_000));
    connect();
    assertEnds(Kind.PROXY_FAILED, "the proxy 10.0.0.2:3128 has sent an address of no known form");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\5", "\5\0\5\0\0", "\5\0\5\0\0\3", "\5\0\5\0\0\3\u00ffaaa"})
  void aSocksProxyThatEndsInTheMiddleIsNamed(String words) {
    chooser.chosen = List.of(new Proxy(Proxy.Type.SOCKS, proxy.at(PROXY_PORT)));
    proxy.serve(PROXY_PORT, Peers.halfClosing(ISO_8859_1.encode(words)));
    connect();
    assertEnds(
        Kind.PROXY_FAILED, "the proxy 10.0.0.2:3128 has ended the connection before it answered");
  }

  @Test
  void aSocksProxyThatSaysAByteASecondIsBoundedInTime() {
    chooser.chosen = List.of(new Proxy(Proxy.Type.SOCKS, proxy.at(PROXY_PORT)));
    String words = "\5\0\5\0\0\3\u00ff" + "a".repeat(255) + "\1\u00bb";
    proxy.serve(
        PROXY_PORT,
        () ->
            new Peer() {
              @Override
              public void opened(PeerSocket socket) {
                drip(socket, 0);
              }

              private void drip(PeerSocket socket, int from) {
                socket.send(ISO_8859_1.encode(words.substring(from, from + 1)));
                socket.after(Duration.ofSeconds(1), () -> drip(socket, from + 1));
              }
            });
    builder().register();
    advance(9_999);
    assertEnds(Kind.CONNECT_TIMEOUT, "the proxy 10.0.0.2:3128 has not answered");
  }

  /** The zone of an address says something on this machine only. */
  @Test
  void theSelectorIsAskedOfAnAddressWithoutItsZone() {
    builder().connectTo("fe80::1%1", PORT).register();
    advance(100);
    assertThat(chooser.asked).containsExactly(URI.create("socket://[fe80::1]:9000"));
  }

  @Test
  void anAuthenticatorMayKnowNobody() {
    TcpConnection tcp = builder().proxyAuthenticator(asked -> null).register();
    advance(100);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void noChoiceAndDirectAreStraight() {
    for (List<Proxy> none : Arrays.asList(null, List.<Proxy>of(), List.of(Proxy.NO_PROXY))) {
      chooser.chosen = none;
      attempts.clear();
      TcpConnection tcp = connect();
      assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
      assertThat(attempts).containsExactly("10.0.0.1");
      tcp.close();
      advance(100);
    }
  }

  @Test
  void aProxyThatRefusesIsToldToTheSelectorAndTheNextWayIsTaken() {
    proxy.refuse(PROXY_PORT);
    chooser.chosen = List.of(http(), Proxy.NO_PROXY);
    assertThat(connect().state()).isEqualTo(ConnectionState.OPEN);
    assertThat(attempts).containsExactly("10.0.0.2", "10.0.0.1");
    assertThat(chooser.failed).containsExactly("socket://h.example:9000 3128 Connection refused");
    assertThat(ends).isEmpty();
  }

  @Test
  void soIsOneThatOpensNoWay() {
    proxy.serve(PROXY_PORT, ProxyPeer.answering("HTTP/1.1 502 Bad\r\n\r\n"));
    chooser.chosen = List.of(http(), Proxy.NO_PROXY);
    assertThat(connect().state()).isEqualTo(ConnectionState.OPEN);
    assertThat(attempts).containsExactly("10.0.0.2", "10.0.0.1");
    assertThat(chooser.failed).as("it was reached").isEmpty();
  }

  @Test
  void aProxyThatSaysNothingCostsItsShareOfTheTime() {
    proxy.serve(PROXY_PORT, Peers.mute());
    chooser.chosen = List.of(http(), Proxy.NO_PROXY);
    TcpConnection tcp = builder().register();
    advance(4_999);
    assertThat(attempts).containsExactly("10.0.0.2");
    advance(41);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(network.openSockets()).isEqualTo(1);
  }

  @Test
  void theLastOneThatSaysNothingIsNamedInTime() {
    proxy.serve(PROXY_PORT, Peers.mute());
    builder().register();
    advance(9_999);
    assertEnds(Kind.CONNECT_TIMEOUT, "the proxy 10.0.0.2:3128 has not answered");
  }

  @Test
  void aProxyThatSwallowsEverythingIsNamedInTime() {
    proxy.silence(PROXY_PORT);
    builder().register();
    advance(9_999);
    assertEnds(Kind.CONNECT_TIMEOUT, "no answer from the proxy 10.0.0.2:3128");
    assertThat(chooser.failed)
        .containsExactly("socket://h.example:9000 3128 no answer from the proxy 10.0.0.2:3128");
  }

  @Test
  void aProxyThatRefusesTheConnectionIsNamed() {
    proxy.refuse(PROXY_PORT);
    connect();
    assertEnds(Kind.CONNECT_FAILED, "connect to the proxy 10.0.0.2:3128: Connection refused");
  }

  @Test
  void aProxyWithoutAnAddressIsNamed() {
    InetSocketAddress nowhere = InetSocketAddress.createUnresolved("no.example", PROXY_PORT);
    chooser.chosen = List.of(new Proxy(Proxy.Type.SOCKS, nowhere));
    builder().register();
    advance(0);
    assertEnds(Kind.UNRESOLVED, "the proxy no.example has no address");
    assertThat(chooser.failed).hasSize(1);
  }

  @Test
  void aProxyThatDripsItsAnswerIsBoundedInTime() {
    proxy.serve(
        PROXY_PORT,
        () ->
            new Peer() {
              @Override
              public void opened(PeerSocket socket) {
                socket.send(US_ASCII.encode("HTTP/1.1 200 OK\r\n"));
                drip(socket);
              }

              private void drip(PeerSocket socket) {
                socket.send(US_ASCII.encode("A: b\r\n"));
                socket.after(Duration.ofMillis(500), () -> drip(socket));
              }
            });
    builder().register();
    advance(9_999);
    assertEnds(Kind.CONNECT_TIMEOUT, "the proxy 10.0.0.2:3128 has not answered");
  }

  @Test
  void aProxyThatAnswersWithoutEndIsBoundedInSize() {
    proxy.serve(PROXY_PORT, ProxyPeer.answering("HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(9_000)));
    builder().register();
    advance(5_000);
    assertThat(ends.get(0))
        .hasToString(
            "PROXY_FAILED (the proxy 10.0.0.2:3128 has sent more than 8 KiB before its answer"
                + " ended)");
  }

  @Test
  void oneThatEndsTheConnectionIsNamed() {
    proxy.serve(PROXY_PORT, Peers.halfClosing(US_ASCII.encode("HTTP/1.1 200 OK\r\n")));
    connect();
    assertEnds(
        Kind.PROXY_FAILED, "the proxy 10.0.0.2:3128 has ended the connection before it answered");
  }

  @Test
  void oneThatResetsIsNamed() {
    proxy.serve(PROXY_PORT, Peers.resetAfter(1));
    connect();
    assertEnds(
        Kind.PROXY_FAILED, "the proxy 10.0.0.2:3128 has cut the connection before it answered");
  }

  @Test
  void aProxyThatWantsToKnowWhoAsksIsNotAskedAgain() {
    proxy.serve(
        PROXY_PORT,
        ProxyPeer.answering("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"a\"\r\n\r\n"));
    TcpConnection tcp = connect();
    assertThat(tcp.state()).isEqualTo(ConnectionState.FAILED);
    assertThat(ends.get(0).kind()).isEqualTo(Kind.PROXY_UNAUTHORIZED);
    assertThat(ends.get(0).code()).hasValue(407);
    advance(100_000);
    assertThat(attempts).hasSize(1);
  }

  @Test
  void aSuspendWhileTheProxyIsAskedClosesAtOnce() {
    proxy.serve(PROXY_PORT, Peers.mute());
    TcpConnection tcp = connect();
    assertThat(network.openSockets()).isEqualTo(1);
    rig.back();
    assertThat(network.openSockets()).isZero();
    assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
  }

  @Test
  void aSelectorThatThrowsIsAFailedAttempt() {
    chooser.failure = new IllegalArgumentException("s3cret");
    builder().register();
    advance(0);
    assertEnds(Kind.SUPPLIER_FAILED, "the proxy selector threw java.lang.IllegalArgumentException");
    assertThat(ends.get(0).cause()).contains(chooser.failure);
  }

  @Test
  void aSelectorThatChoosesWhatIsNoProxyIsAFailedAttempt() {
    chooser.chosen = Arrays.asList((Proxy) null);
    builder().register();
    advance(0);
    assertEnds(Kind.SUPPLIER_FAILED, "the proxy selector gave null in place of a proxy");
    ends.clear();
    chooser.chosen = List.of(new Proxy(Proxy.Type.HTTP, proxy.at(0)));
    advance(2_000);
    assertThat(ends.get(0).detail())
        .isEqualTo("the proxy selector gave a proxy that can't be dialed: port 0");
  }

  @Test
  void anAuthenticatorThatThrowsIsAFailedAttempt() {
    builder()
        .proxyAuthenticator(
            asked -> {
              throw new IOException("s3cret");
            })
        .register();
    advance(0);
    assertEnds(Kind.SUPPLIER_FAILED, "the proxy authenticator threw java.io.IOException");
  }
}
