package io.dormouse.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.loop.ManualLoop;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.testing.Host;
import io.dormouse.testing.Link;
import io.dormouse.testing.PeerSocket;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import io.dormouse.udp.UdpBuilder;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.WebSocketBuilder;
import io.dormouse.websocket.WebSocketConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A walk of the whole stack: TCP, UDP and WebSocket wires over a {@link SimulatedNetwork} whose
 * links, hosts, peers and name server are as bad as the seed says.
 */
final class StackWalk extends Walk {
  static final int PORT = 9_000;

  /** What hangs, hangs so long. */
  private static final int MOST_SECONDS_OF_HANGING = 20;

  /** Until what a slow link still carries is through. */
  private static final int MOST_SECONDS_OF_EXCHANGE = 300;

  final SimulatedNetwork network;
  private final String tls; // its newest version; null for plain text

  /** Which generation has connected from which port. */
  private final Map<Integer, Long> generations = new HashMap<>();

  private int hosts;
  private long seen; // of all texts that arrived

  StackWalk(long seed) {
    this(seed, new Random(seed), null);
  }

  /** Returns one whose TCP and WebSocket connections speak TLS. */
  static StackWalk overTls(long seed) {
    return new StackWalk(seed, new Random(seed), seed % 3 == 0 ? "TLSv1.2" : "TLSv1.3");
  }

  private StackWalk(long seed, Random random, String tls) {
    this(random, new ManualLoop(random.nextLong()), seed, tls);
  }

  private StackWalk(Random random, ManualLoop loop, long seed, String tls) {
    this(random, loop, Simulations.network(loop, seed).buffers(2_000, 8_000), tls);
  }

  private StackWalk(Random random, ManualLoop loop, SimulatedNetwork network, String tls) {
    super(
        random,
        new Rig(
            1 + random.nextInt(2),
            loop,
            Simulations.seenBy(network),
            Optional.of(network.blocking())));
    this.network = network;
    this.tls = tls;
    rig.foreignTimers = () -> Simulations.pendingTimers(network);
    network.onConnect(this::connecting);
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onStep(Step step) {
            if (step.change().to() == ConnectionState.CONNECTING) {
              StackWalkConnection walker = walkerOf(step.name());
              walker.check(walker.mayAttempt(), "an attempt while it is not wanted");
            }
          }
        });
    addWitness();
  }

  /** Returns what is the same if the walk is the same. */
  long fingerprint() {
    return 31 * network.fingerprint() + seen;
  }

  boolean isOverTls() {
    return tls != null;
  }

  @Override
  void run() {
    try {
      super.run();
    } finally {
      network.close();
    }
  }

  private StackWalkConnection walkerOf(String name) {
    StackWalkConnection latest = null;
    for (Walker walker : walkers) {
      if (walker.connection.name().equals(name)) {
        latest = (StackWalkConnection) walker;
      }
    }
    if (latest == null) {
      throw new AssertionError("unknown: " + name);
    }
    return latest;
  }

  private void connecting(InetSocketAddress from, InetSocketAddress to) {
    for (Walker walker : walkers) {
      if (((StackWalkConnection) walker).host.address().equals(to.getAddress())) {
        generations.put(from.getPort(), walker.connection.snapshot().generation());
      }
    }
  }

  /** Which generation has connected from this port. */
  Long generationOf(PeerSocket socket) {
    return generations.get(socket.remoteAddress().getPort());
  }

  /** A whole text has come to a peer. */
  void saw(String text) {
    seen = 31 * seen + text.hashCode();
  }

  /** Blocks a thread that may be blocked, for some time. */
  void hang() throws InterruptedException {
    network.blocking().sleep(Duration.ofMillis(random.nextInt(1_000 * MOST_SECONDS_OF_HANGING)));
  }

  // ------------------------------------------------------------------------------- what happens

  @Override
  Walker newWalker(String name, int priority) {
    hosts++;
    boolean named = random.nextInt(3) == 0 && hosts > 1;
    String numbers = "10.0.0." + hosts;
    Host host = named ? network.host(numbers, name + ".example") : network.host(numbers);
    String target = named ? name + ".example" : numbers;
    int kind = hosts == 1 ? 0 : random.nextInt(5);
    if (named
        && kind < 4
        && random.nextBoolean()) { // it has another address, at which nobody answers
      InetAddress nobody =
          SimulatedNetwork.address(random.nextBoolean() ? "2001:db8::1" : "10.9.9.9");
      network.names().set(target, host.address(), nobody);
      if (random.nextBoolean()) {
        network.names().set(target, nobody, host.address());
      }
    }
    if (kind < 2) {
      return newTcp(name, priority, host, target);
    } else if (kind < 4) {
      return newWebSocket(name, priority, host, target);
    }
    return newUdp(name, priority, host, target);
  }

  /** Some give up until the next foreground. */
  private RetryPolicy policy() {
    RetryPolicy standard = RetryPolicy.standard();
    return hosts > 1 && random.nextInt(4) == 0 ? standard.givingUpAfter(2) : standard;
  }

  private StackWalkConnection newTcp(String name, int priority, Host host, String target) {
    StackWalkStream made = new StackWalkStream(this, host, false);
    TcpBuilder builder =
        new TcpBuilder(rig.engine, name)
            .priority(priority)
            .connectTo(target, PORT)
            .retryPolicy(policy())
            .onData((connection, bytes) -> made.called(bytes.remaining()));
    if (hosts > 1 && random.nextBoolean()) {
      builder.prepare(
          Rig.PREPARE_TIMEOUT, sender -> made.prepare(text -> sender.send(US_ASCII.encode(text))));
    }
    if (hosts > 1 && random.nextInt(3) == 0) {
      builder.connectTo(() -> made.supply(host.at(PORT)));
    }
    if (isOverTls()) {
      builder.tls(options -> StackWalkTls.trust(options, tls));
    }
    TcpConnection tcp = builder.register();
    made.begin(tcp, text -> tcp.send(US_ASCII.encode(text)));
    return made;
  }

  private StackWalkConnection newWebSocket(String name, int priority, Host host, String target) {
    StackWalkStream made = new StackWalkStream(this, host, true);
    String url = (isOverTls() ? "wss://" : "ws://") + target + ":" + PORT + "/";
    WebSocketBuilder builder =
        new WebSocketBuilder(rig.engine, name)
            .priority(priority)
            .connectTo(url)
            .retryPolicy(policy())
            .onText((connection, text) -> made.called(text.length()));
    if (isOverTls()) {
      builder.tls(options -> StackWalkTls.trust(options, tls));
    }
    if (random.nextBoolean()) {
      builder.prepare(Rig.PREPARE_TIMEOUT, sender -> made.prepare(sender::sendText));
    }
    if (random.nextInt(3) == 0) {
      builder.connectTo(() -> made.supply(URI.create(url)));
    }
    WebSocketConnection webSocket = builder.register();
    made.begin(webSocket, webSocket::sendText);
    return made;
  }

  private StackWalkConnection newUdp(String name, int priority, Host host, String target) {
    StackWalkDatagrams made = new StackWalkDatagrams(this, host);
    UdpConnection udp =
        new UdpBuilder(rig.engine, name)
            .priority(priority)
            .connectTo(target, PORT)
            .retryPolicy(policy())
            .onDatagram((connection, datagram) -> made.called(datagram.data().remaining()))
            .onError((connection, error) -> made.called(0))
            .register();
    made.begin(udp, text -> udp.send(US_ASCII.encode(text)));
    return made;
  }

  @Override
  void playPeer(Walker any) {
    StackWalkConnection walker = (StackWalkConnection) any;
    if (isWitness(walker)) {
      return;
    }
    int dice = random.nextInt(13);
    note("the network of " + walker.connection + " plays " + dice);
    Link link = walker.host.link();
    switch (dice) {
      case 0 -> link.down();
      case 1, 2 -> link.up();
      case 3 -> walker.host.resetAll();
      case 4 -> walker.host.crash();
      case 5 -> walker.host.restart();
      case 6 -> walker.host.refuse(PORT);
      case 7 -> walker.host.silence(PORT);
      case 8 -> walker.serve();
      case 9 -> network.names().fail(random.nextBoolean());
      case 10 ->
          network.names().delay(Duration.ofMillis(random.nextInt(1_000 * MOST_SECONDS_OF_HANGING)));
      case 11 -> walker.halfClose();
      default -> walker.say();
    }
  }

  @Override
  void changeBehavior(Walker any) {
    StackWalkConnection walker = (StackWalkConnection) any;
    if (isWitness(walker)) {
      return;
    }
    Link link = walker.host.link();
    switch (random.nextInt(8)) {
      case 0 -> link.latency(Duration.ofMillis(1 + random.nextInt(400)));
      case 1 -> link.jitter(Duration.ofMillis(random.nextInt(100)));
      case 2 -> link.bandwidth(1_000 + random.nextInt(1_000_000));
      case 3 -> link.loss(random.nextDouble() / 3);
      case 4 -> walker.host.buffers(100 + random.nextInt(60_000), 100 + random.nextInt(60_000));
      default -> walker.changeWays();
    }
    note("the ways of " + walker.connection + ": " + walker.ways);
    if (random.nextInt(3) == 0) {
      walker.behavior = random.nextInt(4);
    }
    walker.restless = random.nextInt(5) == 0;
    walker.slow = random.nextInt(3) == 0;
    walker.throwing = random.nextInt(10) == 0;
  }

  @Override
  void behave() {
    super.behave();
    network.names().fail(false);
    network.names().delay(Duration.ofMillis(20));
  }

  /** Until a name server that hung has answered, or a SYN is repeated, or a backoff is over. */
  @Override
  Duration mostToOpen() {
    return Duration.ofSeconds(MOST_SECONDS_OF_HANGING + 60);
  }

  /** Its permit, which another may hold for a second, and the way there and back. */
  @Override
  Duration mostForWitness() {
    return Duration.ofMillis(1_100);
  }

  /** Its FIN, and that of its peer. */
  @Override
  Duration mostToClose() {
    return Duration.ofMillis(100);
  }

  /**
   * Bytes in both directions while the app takes nothing, and after a while does: all of them come.
   */
  @Override
  void exchange() {
    List<StackWalkConnection> open = new ArrayList<>();
    for (Walker walker : walkers) {
      if (walker.connection.state() == ConnectionState.OPEN) {
        open.add((StackWalkConnection) walker);
      }
    }
    open.forEach(StackWalkConnection::beginExchange);
    rig.loop.advance(Duration.ofSeconds(2));
    look();
    for (int i = 0;
        i < MOST_SECONDS_OF_EXCHANGE && !open.stream().allMatch(each -> each.isOver());
        i++) {
      waitAndLook(Duration.ofSeconds(1));
    }
    open.forEach(StackWalkConnection::checkExchange);
  }

  @Override
  int foreignTimers() {
    return Simulations.pendingTimers(network);
  }

  /** Promise 1, by what the machine itself says. */
  @Override
  void lookMore(boolean front) {
    long counted = 0;
    for (Walker walker : walkers) {
      counted += walker.sockets();
    }
    if (counted != network.openSockets()) {
      throw new AssertionError(
          counted + " sockets are known, and " + network.openSockets() + " are open");
    }
  }
}
