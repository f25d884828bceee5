package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.loop.ManualLoop;
import io.dormouse.support.FakeDns;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.testing.Host;
import io.dormouse.testing.Peers;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import io.dormouse.testing.WebSocketPeer;
import io.dormouse.udp.UdpBuilder;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.WebSocketBuilder;
import io.dormouse.websocket.WebSocketConnection;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the addresses of a host are tried (RFC 8305), whole connections on virtual time. */
class AddressRaceTest {
  private static final int PORT = 9_000;
  private static final String NAME = "h.example";
  private static final String SIX = "2001:db8:0:0:0:0:0:1";
  private static final String FOUR = "10.0.0.1";

  private final ManualLoop loop = new ManualLoop();
  private final SimulatedNetwork network = Simulations.network(loop, 1);
  private final Rig rig =
      new Rig(64, loop, Simulations.seenBy(network), Optional.of(network.blocking()));

  /** Each 10 ms away. */
  private final Host six = network.host(SIX).serve(PORT, Peers.echo());

  private final Host four = network.host(FOUR).serve(PORT, Peers.echo());

  /** When which address was tried, in milliseconds from the last {@link #front}. */
  private final List<String> attempts = new ArrayList<>();

  private final List<Integer> socketsWhenOpen = new ArrayList<>();
  private final List<CloseReason> ends = new ArrayList<>();
  private long beginNanos;

  @BeforeEach
  void watch() {
    network.names().set(NAME, four.address(), six.address());
    network.names().delay(Duration.ZERO);
    network.onConnect(
        (from, to) -> attempts.add(millis() + " " + to.getAddress().getHostAddress()));
    front();
  }

  @AfterEach
  void nothingStaysBehind() {
    rig.back();
    rig.advance(Duration.ofSeconds(5));
    assertThat(network.openSockets()).isZero();
    assertThat(loop.thrown()).isEmpty();
    network.close();
  }

  private long millis() {
    return (loop.nanoTime() - beginNanos) / 1_000_000;
  }

  private void front() {
    attempts.clear();
    beginNanos = loop.nanoTime();
    rig.front();
  }

  private void back() {
    rig.back();
    rig.advance(Duration.ofSeconds(5));
  }

  private TcpBuilder builder(String name) {
    return new TcpBuilder(rig.engine, name)
        .connectTo(NAME, PORT)
        .onStateChange(
            (connection, change) -> {
              if (change.to() == ConnectionState.OPEN) {
                socketsWhenOpen.add(network.openSockets());
              }
              change.reason().ifPresent(ends::add);
            });
  }

  private TcpConnection connect() {
    return builder("a").register();
  }

  private static String reachedBy(TcpConnection connection) {
    return connection.remoteAddress().orElseThrow().getAddress().getHostAddress();
  }

  private void advance(long millis) {
    rig.advance(Duration.ofMillis(millis));
  }

  @Test
  void theFamiliesTakeTurnsAndEachAttemptBeginsADelayAfterTheOneBefore() {
    network
        .names()
        .set(
            NAME,
            four.address(),
            SimulatedNetwork.address("10.0.0.2"),
            six.address(),
            SimulatedNetwork.address("2001:db8::2"));
    six.silence(PORT);
    four.silence(PORT);
    connect();
    advance(2_000);
    assertThat(attempts)
        .containsExactly("0 " + SIX, "250 " + FOUR, "500 2001:db8:0:0:0:0:0:2", "750 10.0.0.2");
    assertThat(network.openSockets()).as("all go on").isEqualTo(4);
  }

  @Test
  void anAddressThatSwallowsEverythingCostsOneDelay() {
    six.silence(PORT);
    TcpConnection tcp = connect();
    advance(269);
    assertThat(tcp.state()).isEqualTo(ConnectionState.CONNECTING);
    advance(1);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(reachedBy(tcp)).isEqualTo(FOUR);
    assertThat(socketsWhenOpen).as("the other is closed before that is told").containsExactly(1);
  }

  @Test
  void anAddressThatRefusesIsFollowedAtOnce() {
    six.refuse(PORT);
    TcpConnection tcp = connect();
    advance(40);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(attempts).containsExactly("0 " + SIX, "20 " + FOUR);
  }

  @Test
  void oneThatWorksIsTheOnlyOneThatIsTried() {
    TcpConnection tcp = connect();
    advance(2_000);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(attempts).containsExactly("0 " + SIX);
  }

  @Test
  void theFirstToAnswerWinsWhicheverBegan() {
    six.link().latency(Duration.ofMillis(130)); // answers at 260
    four.link().latency(Duration.ofMillis(10)); // would at 270
    TcpConnection tcp = connect();
    advance(1_000);
    assertThat(reachedBy(tcp)).isEqualTo(SIX);
    assertThat(four.streams()).as("what the loser left there").isZero();
    assertThat(socketsWhenOpen).containsExactly(1);
  }

  @Test
  void thatMayBeTheSecond() {
    six.link().latency(Duration.ofMillis(150)); // answers at 300
    TcpConnection tcp = connect(); // the other at 270
    advance(1_000);
    assertThat(reachedBy(tcp)).isEqualTo(FOUR);
    assertThat(six.streams()).as("what the loser left there").isZero();
    assertThat(socketsWhenOpen).containsExactly(1);
  }

  @Test
  void ifAllRefuseTheAttemptIsOverAtOnce() {
    six.refuse(PORT);
    four.refuse(PORT);
    TcpConnection tcp = connect();
    advance(39);
    assertThat(tcp.state()).isEqualTo(ConnectionState.CONNECTING);
    advance(1);
    assertThat(tcp.state()).isEqualTo(ConnectionState.WAITING);
    assertThat(network.openSockets()).isZero();
    assertThat(ends).hasSize(1);
    assertThat(ends.get(0))
        .hasToString("CONNECT_FAILED (connect to 10.0.0.1:9000: Connection refused)");
  }

  /** The second fails while the first is still on its way: that one may yet make it. */
  @Test
  void oneThatRefusesDoesNotEndTheOthers() {
    six.link().latency(Duration.ofMillis(400));
    four.refuse(PORT);
    TcpConnection tcp = connect();
    advance(799);
    assertThat(tcp.state()).isEqualTo(ConnectionState.CONNECTING);
    advance(1);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void theConnectTimeoutIsThatOfAllTogether() {
    six.silence(PORT);
    four.silence(PORT);
    TcpConnection tcp = connect();
    advance(9_999);
    assertThat(tcp.state()).isEqualTo(ConnectionState.CONNECTING);
    advance(1);
    assertThat(tcp.state()).isEqualTo(ConnectionState.WAITING);
    assertThat(ends.get(0).kind()).isEqualTo(CloseReason.Kind.CONNECT_TIMEOUT);
    assertThat(network.openSockets()).isZero();
  }

  @Test
  void aSuspendInTheRaceClosesAllOfThem() {
    six.silence(PORT);
    four.silence(PORT);
    TcpConnection tcp = connect();
    advance(300);
    assertThat(network.openSockets()).isEqualTo(2);
    rig.back();
    assertThat(network.openSockets()).isZero();
    assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
    assertThat(loop.pendingTimers()).isEqualTo(Simulations.pendingTimers(network));
    advance(10_000);
    assertThat(attempts).hasSize(2);
  }

  /** Whatever a resolver says. */
  @Test
  void aHostWithThousandsOfAddressesIsNotTriedAtAllOfThem() {
    InetAddress[] many = new InetAddress[5_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = SimulatedNetwork.address("10.7." + i / 250 + "." + i % 250);
    }
    network.names().set(NAME, many);
    network.offline(true); // so that all fail at once
    FakeDns dns = new FakeDns();
    TcpConnection tcp = builder("a").dns(dns).register();
    advance(0);
    dns.last().answer(true, many);
    advance(0);
    assertThat(tcp.state()).isEqualTo(ConnectionState.WAITING);
    assertThat(ends.get(0).detail()).startsWith("connect to 10.7.0.63:9000");
    network.offline(false);
  }

  /** For as long as any attempt may, however many addresses race in it. */
  @Test
  void aRaceHoldsOnePermit() {
    ManualLoop own = new ManualLoop();
    SimulatedNetwork other = Simulations.network(own, 1);
    Rig narrow = new Rig(1, own, Simulations.seenBy(other), Optional.of(other.blocking()));
    List<String> tried = new ArrayList<>();
    long begin = own.nanoTime();
    other.onConnect(
        (from, to) ->
            tried.add(Duration.ofNanos(own.nanoTime() - begin).toMillis() + " " + to.getPort()));
    other.names().delay(Duration.ZERO);
    other.names().set(NAME, four.address(), six.address());
    narrow.front();
    new TcpBuilder(narrow.engine, "a").connectTo(NAME, 1).register();
    new TcpBuilder(narrow.engine, "b").connectTo(NAME, 2).register();
    narrow.advance(Duration.ofMillis(1_400));
    assertThat(tried).containsExactly("0 1", "250 1", "1000 2", "1250 2");
    other.close();
  }

  @Test
  void aWebSocketsAddressesRaceToo() {
    six.silence(PORT);
    four.serve(PORT, () -> new WebSocketPeer() {});
    new WebSocketBuilder(rig.engine, "ws").connectTo("ws://" + NAME + ":" + PORT + "/").register();
    advance(300);
    assertThat(attempts).containsExactly("0 " + SIX, "250 " + FOUR);
    assertThat(network.openSockets()).isEqualTo(1);
  }

  // ---------------------------------------------------------------------- what worked before

  private TcpConnection openOnFour() {
    six.silence(PORT);
    TcpConnection tcp = connect();
    advance(500);
    assertThat(reachedBy(tcp)).isEqualTo(FOUR);
    back();
    return tcp;
  }

  @Test
  void anAddressThatWorkedIsTriedFirstNextTime() {
    TcpConnection tcp = openOnFour();
    front();
    advance(20);
    assertThat(attempts).containsExactly("0 " + FOUR);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void itIsRememberedPerConnection() {
    openOnFour();
    front();
    builder("b").register();
    advance(1);
    assertThat(attempts).containsExactly("0 " + FOUR, "0 " + SIX);
  }

  @Test
  void oneThatFailsIsForgotten() {
    TcpConnection tcp = openOnFour();
    six.serve(PORT, Peers.echo());
    four.refuse(PORT);
    front();
    advance(100);
    assertThat(attempts).containsExactly("0 " + FOUR, "20 " + SIX);
    assertThat(reachedBy(tcp)).isEqualTo(SIX);
    four.serve(PORT, Peers.echo());
    back();
    front();
    advance(100);
    assertThat(attempts).containsExactly("0 " + SIX);
  }

  @Test
  void itIsForgottenWhenAllFail() {
    openOnFour();
    six.refuse(PORT);
    four.refuse(PORT);
    front();
    advance(100);
    assertThat(attempts).containsExactly("0 " + FOUR, "20 " + SIX);
    back();
    front();
    advance(100);
    assertThat(attempts).containsExactly("0 " + SIX, "20 " + FOUR);
  }

  /** That says nothing of the address. */
  @Test
  void aSuspendInTheMiddleOfAnAttemptForgetsNothing() {
    openOnFour();
    for (int i = 0; i < 3; i++) {
      front();
      advance(5);
      rig.back();
      assertThat(attempts).containsExactly("0 " + FOUR);
    }
  }

  /** It accepts, and says nothing: the next attempt is to begin with another, if there is one. */
  @Test
  void anAddressWhoseHandshakeFailsHasNotWorked() {
    four.serve(PORT, Peers.mute());
    six.silence(PORT);
    new WebSocketBuilder(rig.engine, "ws").connectTo("ws://" + NAME + ":" + PORT + "/").register();
    advance(11_000);
    back();
    front();
    advance(10);
    assertThat(attempts).containsExactly("0 " + SIX);
  }

  /** Or a host would never be reached whose first address accepts, and then says nothing. */
  @Test
  void anAddressWhoseHandshakeFailsIsTriedLastNextTime() {
    six.serve(PORT, Peers.mute());
    four.serve(PORT, () -> new WebSocketPeer() {});
    WebSocketConnection ws =
        new WebSocketBuilder(rig.engine, "ws")
            .connectTo("ws://" + NAME + ":" + PORT + "/")
            .register();
    advance(14_000);
    assertThat(attempts).hasSize(2).first().isEqualTo("0 " + SIX);
    assertThat(attempts.get(1)).endsWith(FOUR);
    assertThat(ws.state()).isEqualTo(ConnectionState.OPEN);
    six.serve(PORT, () -> new WebSocketPeer() {});
    back();
    front();
    advance(100);
    assertThat(attempts).as("it worked").containsExactly("0 " + FOUR);
  }

  // ------------------------------------------------------------------------------- look-ups

  @Test
  void connectionsOfAllKindsShareALookUp() {
    network.names().delay(Duration.ofMillis(500));
    TcpConnection tcp = connect();
    advance(100);
    TcpConnection second = builder("b").register();
    UdpConnection udp = new UdpBuilder(rig.engine, "udp").connectTo(NAME, PORT).register();
    new WebSocketBuilder(rig.engine, "ws").connectTo("ws://" + NAME + ":" + PORT + "/").register();
    advance(399);
    assertThat(attempts).isEmpty();
    advance(21);
    assertThat(network.names().asked()).isEqualTo(1);
    assertThat(attempts).hasSize(3);
    assertThat(List.of(tcp.state(), second.state(), udp.state()))
        .containsOnly(ConnectionState.OPEN);
  }

  /** The system's resolver can't be stopped, so what it finds is for whoever comes next. */
  @Test
  void aLookUpThatHangsOverABackgroundIsJoinedAfterIt() {
    network.names().delay(Duration.ofSeconds(8));
    TcpConnection tcp = connect();
    advance(1_000);
    back();
    front();
    advance(1_999);
    assertThat(attempts).isEmpty();
    advance(21);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(network.names().asked()).isEqualTo(1);
  }

  @Test
  void theAppsResolverIsAskedAndCancelledAtTheSuspend() {
    FakeDns dns = new FakeDns();
    TcpConnection tcp = builder("a").dns(dns).register();
    advance(0);
    assertThat(dns.calls).hasSize(1);
    rig.back();
    assertThat(dns.last().isCanceled()).isTrue();
    front();
    assertThat(dns.calls).hasSize(2);
    dns.last().answer(true, four.address());
    advance(20);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(network.names().asked()).isZero();
  }

  @Test
  void ipv6AddressesThatComeFirstAreTriedWithoutWaitingForMore() {
    FakeDns dns = new FakeDns();
    TcpConnection tcp = builder("a").dns(dns).register();
    advance(0);
    dns.last().answer(false, six.address());
    advance(20);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
    advance(0);
    assertThat(dns.last().isCanceled()).as("nobody needs the rest").isTrue();
  }

  @Test
  void ipv4AddressesThatComeFirstWaitAMomentForIpv6() {
    FakeDns dns = new FakeDns();
    builder("a").dns(dns).register();
    builder("b").dns(dns).register();
    advance(0);
    dns.last().answer(false, four.address());
    advance(30);
    dns.last().answer(false, six.address());
    advance(1);
    assertThat(attempts).containsExactly("30 " + SIX, "30 " + SIX);
  }

  @Test
  void butNotForLong() {
    FakeDns dns = new FakeDns();
    TcpConnection tcp = builder("a").dns(dns).register();
    advance(0);
    dns.last().answer(false, four.address());
    advance(70);
    assertThat(attempts).containsExactly("50 " + FOUR);
    assertThat(tcp.state()).isEqualTo(ConnectionState.OPEN);
  }

  @Test
  void addressesThatComeLaterJoinTheRace() {
    FakeDns dns = new FakeDns();
    four.silence(PORT);
    builder("a").dns(dns).register();
    advance(0);
    dns.last().answer(false, four.address());
    advance(100);
    dns.last().answer(true, six.address());
    advance(500);
    assertThat(attempts).containsExactly("50 " + FOUR, "300 " + SIX);
  }

  @Test
  void anAttemptThatHasFailedWaitsForAddressesThatMayStillCome() {
    FakeDns dns = new FakeDns();
    four.refuse(PORT);
    TcpConnection tcp = builder("a").dns(dns).register();
    advance(0);
    dns.last().answer(false, four.address());
    advance(1_000);
    assertThat(tcp.state()).isEqualTo(ConnectionState.CONNECTING);
    dns.last().answer(true);
    advance(0);
    assertThat(tcp.state()).isEqualTo(ConnectionState.WAITING);
  }

  @Test
  void aResolverThatThrowsIsTheAppsFault() {
    builder("a")
        .dns(
            host -> {
              throw new IllegalStateException("s3cret");
            })
        .register();
    advance(0);
    assertThat(ends.get(0)).hasToString("SUPPLIER_FAILED (the app's Dns threw)");
  }
}
