package io.dormouse.testing;

import io.dormouse.loop.Loop;
import io.dormouse.network.DatagramTransport;
import io.dormouse.network.Ipv4;
import io.dormouse.network.LocalInterface;
import io.dormouse.network.Network;
import io.dormouse.network.NoRoomException;
import io.dormouse.network.Transport;
import io.dormouse.network.TransportOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A network in which nothing is real but the bytes. Everything happens on one simulated clock, and
 * all chance comes from one seed: the same seed and the same calls make the same run.
 *
 * <p>The machine that the library runs on has one interface, {@code net0}, with the address
 * 192.0.2.1 (RFC 5737). Other machines are made by {@link #host}; where there is none, nobody
 * answers.
 */
public final class SimulatedNetwork implements AutoCloseable {
  /** What the owner of a socket hears that the system has taken away. */
  static final String KILLED = "Software caused connection abort";

  private static final Instant EPOCH = Instant.parse("2030-01-01T00:00:00Z");
  private static final Duration LATENCY = Duration.ofMillis(10);
  private static final int FIRST_PORT = 32_768;
  private static final int PORTS = 28_000;

  private final Loop loop;
  private final long startNanos;
  private final SplittableRandom random;
  private final SplittableRandom jitter;
  private final NameServer names = new NameServer(this);
  private final Later later;
  private final BlockingWork blocking;
  private final Map<InetAddress, Host> hosts = new LinkedHashMap<>();
  private final Set<SimulatedTransport> streams = new LinkedHashSet<>();
  private final Set<SimulatedDatagrams> datagrams = new LinkedHashSet<>();
  private final Map<String, LocalInterface> interfaces = new LinkedHashMap<>();
  private int interfacesMade;
  private int portsGiven;
  private boolean offline;
  private boolean noRoom;
  private int sendBuffer = 64 * 1024;
  private int receiveBuffer = 64 * 1024;
  private InetAddress ownAddress = address("192.0.2.1");
  private BiConsumer<InetSocketAddress, InetSocketAddress> connectListener = (from, to) -> {};
  private BiConsumer<String, String> notes = (who, what) -> {};
  private long fingerprint = 17;

  /** Creates a network without hosts, for whoever runs on the same loop. */
  SimulatedNetwork(Loop loop, long seed) {
    this(loop, new Later(loop), Optional.empty(), seed);
  }

  /**
   * Creates a network without hosts, which goes on while the process that uses it stands still.
   *
   * @param loop the network's
   * @param process another one with the same clock, for the process' work that may block
   */
  SimulatedNetwork(Loop loop, Loop process, long seed) {
    this(loop, new Later(loop), Optional.of(new Later(process)), seed);
  }

  private SimulatedNetwork(Loop loop, Later later, Optional<Later> process, long seed) {
    this.loop = loop;
    this.later = later;
    this.blocking = new BlockingWork(process.orElse(later));
    this.startNanos = loop.nanoTime();
    this.random = new SplittableRandom(seed);
    this.jitter = random.split();
    addInterface("net0", ownAddress);
  }

  /**
   * Returns an address that is written in numbers.
   *
   * @param numbers such as {@code 203.0.113.1} or {@code 2001:db8::1}
   * @return the address
   * @throws IllegalArgumentException if it is not written in numbers
   */
  public static InetAddress address(String numbers) {
    Objects.requireNonNull(numbers, "numbers");
    return numbers.indexOf(':') >= 0
        ? six(numbers)
        : Ipv4.parse(numbers).orElseThrow(() -> noAddress(numbers, null));
  }

  private static InetAddress six(String numbers) {
    try {
      return InetAddress.getByName(numbers); // what has colons is not looked up
    } catch (UnknownHostException e) {
      throw noAddress(numbers, e);
    }
  }

  private static IllegalArgumentException noAddress(String numbers, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "not an address in numbers, such as 203.0.113.1: \""
            + numbers
            + "\"; a host's address comes first, then its name",
        cause);
  }

  // ------------------------------------------------------------------------------ what is played

  /**
   * Returns the machine at an address, which there is from now on.
   *
   * @param numbers such as {@code 203.0.113.1} or {@code 2001:db8::1}
   * @return the host, the same one for the same address
   */
  public Host host(String numbers) {
    return hosts.computeIfAbsent(address(numbers), at -> new Host(this, at, LATENCY));
  }

  /**
   * Returns the machine at an address that also has a name.
   *
   * @param numbers such as {@code 203.0.113.1} or {@code 2001:db8::1}
   * @param name the name
   * @return the host, the same one for the same address
   */
  public Host host(String numbers, String name) {
    Objects.requireNonNull(name, "name");
    Host made = host(numbers);
    names.set(name, made.address());
    return made;
  }

  /**
   * Returns who answers for names.
   *
   * @return the name server
   */
  public NameServer names() {
    return names;
  }

  /**
   * Returns where work runs that may wait for names, or otherwise for the clock.
   *
   * @return the threads
   */
  public BlockingWork blocking() {
    return blocking;
  }

  /**
   * Whether this machine has no network at all: then it is told so at once, unlike by a link.
   *
   * @param on whether that is so from now on
   */
  public void offline(boolean on) {
    offline = on;
    note("network", on ? "goes" : "is there");
  }

  /**
   * How much this machine's kernel takes of what a stream sends, and of what it has not read.
   *
   * @param sendBytes of one stream, on its way out; at least 1
   * @param receiveBytes of one stream, on its way in; at least 1
   * @return this
   */
  public SimulatedNetwork buffers(int sendBytes, int receiveBytes) {
    sendBuffer = sendBytes;
    receiveBuffer = receiveBytes;
    return this;
  }

  /**
   * Whether this machine gives no more sockets.
   *
   * @param on whether that is so from now on
   */
  public void noRoom(boolean on) {
    noRoom = on;
  }

  /**
   * This machine has another address from now on, as in another Wi-Fi.
   *
   * @param numbers such as {@code 203.0.113.1} or {@code 2001:db8::1}
   */
  public void ownAddress(String numbers) {
    ownAddress = address(numbers);
    addInterface("net0", ownAddress);
  }

  /**
   * The system takes all sockets of this machine away, as Android does when the network changes:
   * what uses one hears "Software caused connection abort", and the other side of a stream sees a
   * reset.
   */
  public void killSockets() {
    note("network", "the system kills " + openSockets() + " sockets");
    execute(
        () -> {
          List.copyOf(streams).forEach(SimulatedTransport::kill);
          List.copyOf(datagrams).forEach(SimulatedDatagrams::kill);
        });
  }

  /**
   * An interface comes up, or is replaced.
   *
   * @param name the name
   * @param addresses its own
   */
  public void addInterface(String name, InetAddress... addresses) {
    interfacesMade++;
    interfaces.put(name, new LocalInterface(name, interfacesMade, true, List.of(addresses), null));
  }

  /**
   * An interface goes.
   *
   * @param name the name
   */
  public void removeInterface(String name) {
    interfaces.remove(name);
  }

  /**
   * Sends a datagram to a group by way of an interface: all members get it.
   *
   * @param from who sends it
   * @param group the group and its port
   * @param interfaceName by which one
   * @param data what
   */
  public void announce(
      InetSocketAddress from, InetSocketAddress group, String interfaceName, byte[] data) {
    LocalInterface by = interfaces.get(interfaceName);
    if (by == null) {
      throw new IllegalArgumentException("no interface " + interfaceName);
    }
    for (SimulatedDatagrams socket : List.copyOf(datagrams)) {
      if (socket.isMember(group.getAddress(), by.index())) {
        execute(() -> socket.arrived(from, group, data));
      }
    }
  }

  /**
   * Has a listener hear of each stream that begins to connect: from where, and to where.
   *
   * @param listener gets both; called where the network runs, so it must not let time pass
   */
  public void onConnect(BiConsumer<InetSocketAddress, InetSocketAddress> listener) {
    connectListener = listener;
  }

  // ------------------------------------------------------------------------------- what happened

  /**
   * Returns how many sockets of this machine are open.
   *
   * @return 0 or more
   */
  public int openSockets() {
    return streams.size() + datagrams.size();
  }

  /** Returns how many timers of the loop are the network's own. */
  int pendingTimers() {
    return later.pending();
  }

  /**
   * Returns a number that is the same for the same run: of what arrived where, when, how long.
   *
   * @return any number
   */
  public long fingerprint() {
    return fingerprint;
  }

  /** Ends the threads that look up. */
  @Override
  public void close() {
    blocking.close();
  }

  // ------------------------------------------------------------------------------ for its parts

  /** Returns what a user sees of it who runs on the same loop. */
  Network asNetwork() {
    return asNetwork(loop);
  }

  /**
   * Returns what a user sees of it.
   *
   * @param user the loop that the user runs on
   */
  Network asNetwork(Loop user) {
    return new Machine(user);
  }

  /** The same for a registry of a world, where OkHttp must not use real sockets. */
  Network asNetworkOfWorld(Loop user) {
    return new Machine(user) {
      @Override
      public Optional<String> problemOf(SocketFactory sockets) {
        return sockets instanceof SimulatedSocket.Factory made && made.isOf(SimulatedNetwork.this)
            ? Optional.empty()
            : Optional.of(
                "in a SimulatedWorld its calls would go to the real network; give it"
                    + " client(world.httpClient(...))");
      }
    };
  }

  private void checkRoom(Loop user) throws IOException {
    user.checkInLoop();
    if (noRoom) {
      throw new NoRoomException(new IOException("Too many open files"));
    }
  }

  /** Makes a stream for whoever may wait for it, on no loop. */
  SimulatedTransport openForBlocking() throws IOException {
    if (noRoom) {
      throw new SocketException("Too many open files");
    }
    InetSocketAddress local = new InetSocketAddress(ownAddress, nextPort());
    SimulatedTransport made = new SimulatedTransport(this, TransportOptions.standard(), local);
    streams.add(made);
    return made;
  }

  private int nextPort() {
    return FIRST_PORT + portsGiven++ % PORTS;
  }

  List<LocalInterface> interfaces() {
    return new ArrayList<>(interfaces.values());
  }

  boolean hasAddress(InetAddress address) {
    return interfaces.values().stream().anyMatch(each -> each.addresses().contains(address));
  }

  long nanoTime() {
    return loop.nanoTime();
  }

  long nextLong(long bound) {
    return bound <= 1 ? 0 : random.nextLong(bound);
  }

  double nextDouble() {
    return random.nextDouble();
  }

  /** Runs something in a later iteration of the loop, unless that has ended. Any thread. */
  void execute(Runnable task) {
    later.execute(task);
  }

  /** Runs something later. Any thread. */
  void after(long nanos, Runnable task) {
    later.after(nanos, task);
  }

  void connecting(InetSocketAddress from, InetSocketAddress to) {
    trace(from, to, "CONNECT", ByteBuffer.allocate(0));
    note("network", from.getPort() + " connects to " + text(to));
    connectListener.accept(from, to);
  }

  boolean isOffline() {
    return offline;
  }

  int sendBuffer() {
    return sendBuffer;
  }

  int receiveBuffer() {
    return receiveBuffer;
  }

  InetAddress ownAddress() {
    return ownAddress;
  }

  InetAddress anyAddress() {
    return address("0.0.0.0");
  }

  /** Returns an address for a person. */
  static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  @Nullable Host hostAt(InetAddress address) {
    return hosts.get(address);
  }

  int datagramPort(int wanted, boolean shares) throws BindException {
    if (wanted == 0) {
      return nextPort();
    } else if (!shares && datagrams.stream().anyMatch(each -> each.port() == wanted)) {
      throw new BindException("Address already in use");
    }
    return wanted;
  }

  void deliverDatagram(InetSocketAddress from, InetSocketAddress to, byte[] data) {
    for (SimulatedDatagrams socket : List.copyOf(datagrams)) {
      socket.arrived(from, to, data);
    }
  }

  /** Something happened that a person may want to know. */
  void note(String who, String what) {
    notes.accept(who, what);
  }

  /** Has a listener hear of what happened. */
  void onNote(BiConsumer<String, String> listener) {
    notes = listener;
  }

  void closed(SimulatedTransport stream) {
    streams.remove(stream);
  }

  void closed(SimulatedDatagrams socket) {
    datagrams.remove(socket);
  }

  void trace(InetSocketAddress from, InetSocketAddress to, String what, ByteBuffer bytes) {
    long event = loop.nanoTime() - startNanos;
    event = event * 31 + from.hashCode();
    event = event * 31 + to.hashCode();
    event = event * 31 + what.hashCode();
    event = event * 31 + bytes.remaining(); // a WebSocket's are masked by chance
    fingerprint = fingerprint * 1_000_003 + event;
    if (what.equals("RESET")) {
      note("network", text(from) + " resets " + text(to));
    } else if (what.equals("FIN")) {
      note("network", text(from) + " ends its side towards " + text(to));
    }
  }

  /** What the library sees of it. */
  private class Machine implements Network {
    private final Loop user;

    Machine(Loop user) {
      this.user = user;
    }

    @Override
    public Transport openStream(TransportOptions options) throws IOException {
      checkRoom(user);
      InetAddress at = ownAddress;
      if (options.localAddress().isPresent()
          && !options.localAddress().get().getAddress().isAnyLocalAddress()) {
        at = options.localAddress().get().getAddress();
        if (!hasAddress(at)) {
          throw new BindException("Cannot assign requested address");
        }
      }
      int port = options.localAddress().map(InetSocketAddress::getPort).orElse(0);
      InetSocketAddress local = new InetSocketAddress(at, port == 0 ? nextPort() : port);
      SimulatedTransport made = new SimulatedTransport(SimulatedNetwork.this, options, local);
      streams.add(made);
      return made;
    }

    @Override
    public DatagramTransport openDatagrams(Optional<ProtocolFamily> family) throws IOException {
      checkRoom(user);
      SimulatedDatagrams made = new SimulatedDatagrams(SimulatedNetwork.this);
      datagrams.add(made);
      return made;
    }

    @Override
    public List<LocalInterface> interfaces() {
      return SimulatedNetwork.this.interfaces();
    }

    @Override
    public boolean hasAddress(InetAddress address) {
      return SimulatedNetwork.this.hasAddress(address);
    }

    @Override
    public List<InetAddress> resolve(String host) throws UnknownHostException {
      Optional<InetAddress> numbers =
          host.indexOf(':') >= 0 ? Optional.of(six(host)) : Ipv4.parse(host);
      return numbers.isPresent() ? List.of(numbers.get()) : names.resolve(host);
    }

    @Override
    public Instant now() {
      return EPOCH.plusNanos(loop.nanoTime() - startNanos);
    }

    @Override
    public double random() {
      return jitter.nextDouble();
    }
  }
}
