package io.dormouse.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.loop.ManualLoop;
import io.dormouse.network.simulated.Host;
import io.dormouse.network.simulated.Link;
import io.dormouse.network.simulated.Peer;
import io.dormouse.network.simulated.PeerSocket;
import io.dormouse.network.simulated.SimulatedNetwork;
import io.dormouse.network.simulated.WebSocketPeer;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.tcp.TcpSender;
import io.dormouse.udp.UdpBuilder;
import io.dormouse.udp.UdpConnection;
import io.dormouse.websocket.WebSocketBuilder;
import io.dormouse.websocket.WebSocketConnection;
import io.dormouse.websocket.WebSocketSender;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A walk of the whole stack: TCP, UDP and WebSocket wires over a {@link SimulatedNetwork} whose
 * links, hosts, peers and name server are as bad as the seed says.
 */
final class StackWalk extends Walk {
  private static final int PORT = 9_000;

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  /** What hangs, hangs so long. */
  private static final int MOST_SECONDS_OF_HANGING = 20;

  private static final int MOST_PADDING = 9_000;
  private static final String PADDING = ".".repeat(MOST_PADDING);

  /** How a server behaves towards each new stream. */
  private enum Ways {
    WELL,
    SILENT,
    UNREAD,
    SLOW,
    RESETS,
    CLOSES,
    GARBAGE,
    REJECTS
  }

  private final SimulatedNetwork network;

  /** Which generation has connected from which port. */
  private final Map<Integer, Long> generations = new HashMap<>();

  private int hosts;
  private long seen; // of all texts that arrived

  StackWalk(long seed) {
    this(seed, new Random(seed));
  }

  private StackWalk(long seed, Random random) {
    this(random, new ManualLoop(random.nextLong()), seed);
  }

  private StackWalk(Random random, ManualLoop loop, long seed) {
    this(random, loop, new SimulatedNetwork(loop, seed).buffers(2_000, 8_000));
  }

  private StackWalk(Random random, ManualLoop loop, SimulatedNetwork network) {
    super(random, new Rig(1 + random.nextInt(2), loop, network, Optional.of(network.blocking())));
    this.network = network;
    rig.foreignTimers = network::pendingTimers;
    network.onConnect(this::connecting);
    rig.engine.addObserver(
        new Observer() {
          @Override
          public void onStep(Step step) {
            if (step.change().to() == ConnectionState.CONNECTING) {
              HostWalker walker = walkerOf(step.name());
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

  @Override
  void run() {
    try {
      super.run();
    } finally {
      network.close();
    }
  }

  private HostWalker walkerOf(String name) {
    HostWalker latest = null;
    for (Walker walker : walkers) {
      if (walker.connection.name().equals(name)) {
        latest = (HostWalker) walker;
      }
    }
    if (latest == null) {
      throw new AssertionError("unknown: " + name);
    }
    return latest;
  }

  private void connecting(InetSocketAddress from, InetSocketAddress to) {
    for (Walker walker : walkers) {
      if (((HostWalker) walker).host.address().equals(to.getAddress())) {
        generations.put(from.getPort(), walker.connection.snapshot().generation());
      }
    }
  }

  /** Makes some texts so long that they wait for the peer. */
  private String padded(String text) {
    return random.nextInt(3) > 0 ? text : text + PADDING.substring(random.nextInt(MOST_PADDING));
  }

  private static String withoutPadding(String text) {
    int end = text.indexOf('.');
    return end < 0 ? text : text.substring(0, end);
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
    if (kind < 2) {
      return newTcpWalker(name, priority, host, target);
    } else if (kind < 4) {
      return newWebSocketWalker(name, priority, host, target);
    }
    return newUdpWalker(name, priority, host, target);
  }

  /** Some give up until the next foreground. */
  private RetryPolicy policy() {
    RetryPolicy standard = RetryPolicy.standard();
    return hosts > 1 && random.nextInt(4) == 0 ? standard.givingUpAfter(2) : standard;
  }

  private Walker newTcpWalker(String name, int priority, Host host, String target) {
    Later<TcpWalker> self = new Later<>();
    TcpBuilder builder =
        new TcpBuilder(rig.engine, name)
            .priority(priority)
            .connectTo(target, PORT)
            .retryPolicy(policy())
            .onData((connection, bytes) -> self.value.called());
    if (hosts > 1 && random.nextBoolean()) {
      builder.prepare(Rig.PREPARE_TIMEOUT, sender -> self.value.prepare(sender));
    }
    self.value = new TcpWalker(builder.register(), host);
    return self.value;
  }

  private Walker newWebSocketWalker(String name, int priority, Host host, String target) {
    Later<WebSocketWalker> self = new Later<>();
    WebSocketBuilder builder =
        new WebSocketBuilder(rig.engine, name)
            .priority(priority)
            .connectTo("ws://" + target + ":" + PORT + "/")
            .retryPolicy(policy())
            .onText((connection, text) -> self.value.called());
    if (random.nextBoolean()) {
      builder.prepare(Rig.PREPARE_TIMEOUT, sender -> self.value.prepare(sender));
    }
    self.value = new WebSocketWalker(builder.register(), host);
    return self.value;
  }

  private Walker newUdpWalker(String name, int priority, Host host, String target) {
    Later<UdpWalker> self = new Later<>();
    UdpConnection udp =
        new UdpBuilder(rig.engine, name)
            .priority(priority)
            .connectTo(target, PORT)
            .retryPolicy(policy())
            .onDatagram((connection, datagram) -> self.value.called())
            .onError((connection, error) -> self.value.called())
            .register();
    self.value = new UdpWalker(udp, host);
    return self.value;
  }

  @Override
  void playPeer(Walker any) {
    HostWalker walker = (HostWalker) any;
    if (isWitness(walker)) {
      return;
    }
    int dice = random.nextInt(12);
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
      default -> walker.talk();
    }
  }

  @Override
  void changeManners(Walker any) {
    HostWalker walker = (HostWalker) any;
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
      default -> walker.ways = Ways.values()[random.nextInt(Ways.values().length)];
    }
    note("the ways of " + walker.connection + ": " + walker.ways);
    if (random.nextInt(3) == 0) {
      walker.manners = random.nextInt(4);
    }
    walker.restless = random.nextInt(5) == 0;
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

  @Override
  int foreignTimers() {
    return network.pendingTimers();
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

  // -------------------------------------------------------------------------------- connections

  /** A connection to a host of its own. */
  private abstract class HostWalker extends Walker {
    final Host host;
    Ways ways = Ways.WELL;
    boolean throwing;

    /** What each stream has brought to the peer, in order. */
    final List<List<String>> received = new ArrayList<>();

    private PeerSocket latest; // null before the first

    HostWalker(Connection connection, Host host) {
      super((ManagedConnection) connection);
      this.host = host;
      serve();
    }

    /** From now on who connects is answered. */
    void serve() {
      host.serve(PORT, this::newPeer);
    }

    Peer newPeer() {
      throw new UnsupportedOperationException("no streams");
    }

    /** The peer says something by itself. */
    void talk() {
      if (latest != null && this instanceof TcpWalker) {
        latest.send(ByteBuffer.allocate(1 + random.nextInt(50_000)));
      }
    }

    /** A stream of the latest generation has come to the peer. */
    final void opened(PeerSocket socket, Ways how) {
      latest = socket;
      Duration some = Duration.ofMillis(random.nextInt(5_000));
      switch (how) {
        case UNREAD -> socket.stopReading();
        case SLOW -> socket.readSlowly(1 + random.nextInt(100), Duration.ofMillis(100));
        case RESETS -> socket.after(some, socket::reset);
        case CLOSES -> {
          if (this instanceof TcpWalker) {
            socket.after(some, random.nextBoolean() ? socket::close : socket::finish);
          }
        }
        default -> {}
      }
    }

    @Override
    void behave() {
      ways = Ways.WELL;
      manners = 1;
      restless = false;
      throwing = false;
      host.restart();
      host.buffers(64 * 1024, 64 * 1024);
      host.link().up();
      host.link().loss(0).latency(Duration.ofMillis(10)).jitter(Duration.ZERO);
      host.link().bandwidth(Long.MAX_VALUE);
      serve();
    }

    @Override
    long sockets() {
      return connection.link().openSockets();
    }

    @Override
    int timersOfWire() {
      return 2;
    }

    /** A callback of the connection's. */
    final void called() {
      enterCallback(heardGeneration);
      check(heard.mayHoldSocket(), "a callback in " + heard);
      act();
      leaveCallback();
      if (throwing) {
        throw new IllegalStateException("thrown on purpose");
      }
    }

    /** A whole text has come through a stream. */
    final void arrived(PeerSocket socket, List<String> of, String padded) {
      String text = withoutPadding(padded);
      of.add(text);
      seen = 31 * seen + text.hashCode();
      int at = text.indexOf('@');
      Long generation = generations.get(socket.remoteAddress().getPort());
      check(
          at < 0 || text.substring(at + 1).equals(String.valueOf(generation)),
          "generation " + generation + " got " + text);
    }

    /** On every stream in order, and nowhere twice. */
    @Override
    void checkReceived(List<String> texts, List<CompletableFuture<Void>> sends) {
      Set<String> all = new HashSet<>();
      for (List<String> stream : received) {
        int before = -1;
        for (String text : stream) {
          int number = texts.indexOf(text);
          check(number >= 0, "received what was never sent: " + text);
          check(number > before, "received out of order: " + stream);
          check(all.add(text), "received twice: " + text);
          check(
              !sends.get(number).isCompletedExceptionally(),
              "received though its send has failed: " + text);
          before = number;
        }
      }
    }
  }

  /** Texts as lines. */
  private final class TcpWalker extends HostWalker {
    private final TcpConnection tcp;
    private TcpSender preparing;

    TcpWalker(TcpConnection tcp, Host host) {
      super(tcp, host);
      this.tcp = tcp;
    }

    CompletionStage<?> prepare(TcpSender sender) {
      preparing = sender;
      return manners == 0 ? DONE : open(heardGeneration);
    }

    @Override
    CompletableFuture<Void> submit(String text, long opening) {
      return (opening == 0 ? tcp : preparing).send(US_ASCII.encode(padded(text) + "\n"));
    }

    @Override
    Peer newPeer() {
      return new LinesPeer(this);
    }
  }

  private final class LinesPeer implements Peer {
    private final TcpWalker walker;
    private final Ways ways;
    private final List<String> received = new ArrayList<>();
    private final StringBuilder line = new StringBuilder();

    LinesPeer(TcpWalker walker) {
      this.walker = walker;
      this.ways = walker.ways;
      walker.received.add(received);
    }

    @Override
    public void opened(PeerSocket socket) {
      walker.opened(socket, ways);
      if (ways == Ways.GARBAGE) {
        socket.send(ByteBuffer.allocate(random.nextInt(100_000)));
      }
    }

    @Override
    public void received(PeerSocket socket, ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        char next = (char) bytes.get();
        if (next == '\n') {
          walker.arrived(socket, received, line.toString());
          line.setLength(0);
        } else {
          line.append(next);
        }
      }
      if (ways != Ways.SILENT) {
        socket.send(ByteBuffer.allocate(1 + random.nextInt(10)));
      }
    }

    @Override
    public void ended(PeerSocket socket) {
      if (ways != Ways.SILENT) {
        socket.finish();
      }
    }
  }

  private final class WebSocketWalker extends HostWalker {
    private final WebSocketConnection webSocket;
    private WebSocketSender preparing;

    WebSocketWalker(WebSocketConnection webSocket, Host host) {
      super(webSocket, host);
      this.webSocket = webSocket;
    }

    CompletionStage<?> prepare(WebSocketSender sender) {
      preparing = sender;
      return manners == 0 ? DONE : open(heardGeneration);
    }

    @Override
    CompletableFuture<Void> submit(String text, long opening) {
      return (opening == 0 ? webSocket : preparing).sendText(padded(text));
    }

    @Override
    Peer newPeer() {
      return new TextsPeer(this);
    }
  }

  private final class TextsPeer extends WebSocketPeer {
    private final WebSocketWalker walker;
    private final Ways ways;
    private final List<String> received = new ArrayList<>();

    TextsPeer(WebSocketWalker walker) {
      this.walker = walker;
      this.ways = walker.ways;
      walker.received.add(received);
    }

    @Override
    public void opened(PeerSocket socket) {
      walker.opened(socket, ways);
    }

    @Override
    protected String answer(String key) {
      return switch (ways) {
        case SILENT -> "";
        case REJECTS -> "HTTP/1.1 401 Unauthorized\r\n\r\n";
        case CLOSES -> random.nextBoolean() ? super.answer(key) : "HTTP/1.1 503 Busy\r\n\r\n";
        default -> super.answer(key);
      };
    }

    @Override
    protected void handshaken(PeerSocket socket) {
      if (ways == Ways.GARBAGE) {
        socket.send(ByteBuffer.allocate(1_000).put(0, (byte) (0x80 + random.nextInt(0x80))));
      } else if (ways == Ways.CLOSES) {
        socket.after(Duration.ofMillis(random.nextInt(5_000)), () -> sendClose(socket, anyCode()));
      }
    }

    private int anyCode() {
      int[] codes = {1000, 1001, 1011, 1012, 4000};
      return codes[random.nextInt(codes.length)];
    }

    @Override
    protected void text(PeerSocket socket, String text) {
      walker.arrived(socket, received, text);
      sendText(socket, text);
    }
  }

  private final class UdpWalker extends HostWalker {
    private final UdpConnection udp;
    private final Set<String> arrived = new HashSet<>();
    private Consumer<ByteBuffer> reply = data -> {};

    UdpWalker(UdpConnection udp, Host host) {
      super(udp, host);
      this.udp = udp;
    }

    @Override
    CompletableFuture<Void> submit(String text, long opening) {
      return udp.send(US_ASCII.encode(padded(text)));
    }

    @Override
    void serve() {
      host.serveDatagrams(
          PORT,
          (from, data, back) -> {
            arrived.add(withoutPadding(US_ASCII.decode(data).toString()));
            reply = back;
            back.accept(ByteBuffer.allocate(random.nextInt(1_000)));
          });
    }

    @Override
    void talk() {
      reply.accept(ByteBuffer.allocate(random.nextInt(1_000)));
    }

    /** A network may lose datagrams, mix them up and double them, but not make them up. */
    @Override
    void checkReceived(List<String> texts, List<CompletableFuture<Void>> sends) {
      for (String text : arrived) {
        int number = texts.indexOf(text);
        check(number >= 0, "received what was never sent: " + text);
        check(!sends.get(number).isCompletedExceptionally(), "received, but failed: " + text);
      }
    }
  }

  /** What is there before it is asked for. */
  private static final class Later<T> {
    T value;
  }
}
