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
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A network in which nothing is real but the bytes. Everything happens on one loop, whose clock may
 * be virtual, and all chance comes from one seed: the same seed and the same calls make the same
 * run.
 *
 * <p>The machine that the library runs on has one interface, {@code net0}, with the address
 * 192.0.2.1 (RFC 5737). Other machines are made by {@link #host}; where there is none, nobody
 * answers.
 */
public final class SimulatedNetwork implements AutoCloseable {
  private static final Instant EPOCH = Instant.parse("2030-01-01T00:00:00Z");
  private static final Duration LATENCY = Duration.ofMillis(10);
  private static final int FIRST_PORT = 32_768;
  private static final int PORTS = 28_000;

  private final Loop loop;
  private final long startNanos;
  private final SplittableRandom random;
  private final SplittableRandom jitter;
  private final NameServer names = new NameServer(this);
  private final BlockingWork blocking = new BlockingWork(this);
  private final Network machine = new Machine();
  private final Map<InetAddress, Host> hosts = new LinkedHashMap<>();
  private final Set<SimulatedTransport> streams = new LinkedHashSet<>();
  private final Set<SimulatedDatagrams> datagrams = new LinkedHashSet<>();
  private final Map<String, LocalInterface> interfaces = new LinkedHashMap<>();
  private int interfacesMade;
  private int portsGiven;
  private int pendingTimers;
  private boolean offline;
  private boolean noRoom;
  private int sendBuffer = 64 * 1024;
  private int receiveBuffer = 64 * 1024;
  private InetAddress ownAddress = address("192.0.2.1");
  private BiConsumer<InetSocketAddress, InetSocketAddress> connectListener = (from, to) -> {};
  private long fingerprint = 17;

  /** Creates a network without hosts. Its timers run on the loop. */
  SimulatedNetwork(Loop loop, long seed) {
    this.loop = loop;
    this.startNanos = loop.nanoTime();
    this.random = new SplittableRandom(seed);
    this.jitter = random.split();
    addInterface("net0", ownAddress);
  }

  /** Returns an address that is written in numbers. */
  public static InetAddress address(String numbers) {
    if (numbers.indexOf(':') >= 0) {
      return six(numbers);
    }
    String[] parts = numbers.split("\\.", -1);
    byte[] bytes = new byte[4];
    for (int i = 0; i < 4; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(numbers, e);
    }
  }

  private static InetAddress six(String numbers) {
    try {
      return InetAddress.getByName(numbers); // what has colons is not looked up
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(numbers, e);
    }
  }

  // ------------------------------------------------------------------------------ what is played

  /** Returns the machine at an address, which there is from now on. */
  public Host host(String numbers) {
    return hosts.computeIfAbsent(address(numbers), at -> new Host(this, at, LATENCY));
  }

  /** Returns the machine at an address that also has a name. */
  public Host host(String numbers, String name) {
    Host made = host(numbers);
    names.set(name, made.address());
    return made;
  }

  /** Returns who answers for names. */
  public NameServer names() {
    return names;
  }

  /** Returns where work runs that may wait for names, or otherwise for the clock. */
  public BlockingWork blocking() {
    return blocking;
  }

  /** Whether this machine has no network at all: then it is told so at once, unlike by a link. */
  public void offline(boolean on) {
    offline = on;
  }

  /** How much this machine's kernel takes of what a stream sends, and of what it has not read. */
  public SimulatedNetwork buffers(int sendBytes, int receiveBytes) {
    sendBuffer = sendBytes;
    receiveBuffer = receiveBytes;
    return this;
  }

  /** Whether this machine gives no more sockets. */
  public void noRoom(boolean on) {
    noRoom = on;
  }

  /** This machine has another address from now on, as in another Wi-Fi. */
  public void ownAddress(String numbers) {
    ownAddress = address(numbers);
    addInterface("net0", ownAddress);
  }

  /** An interface comes up, or is replaced. */
  public void addInterface(String name, InetAddress... addresses) {
    interfacesMade++;
    interfaces.put(name, new LocalInterface(name, interfacesMade, true, List.of(addresses), null));
  }

  /** An interface goes. */
  public void removeInterface(String name) {
    interfaces.remove(name);
  }

  /** Sends a datagram to a group by way of an interface: all members get it. */
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

  /** Has a listener hear of each stream that begins to connect: from where, and to where. */
  public void onConnect(BiConsumer<InetSocketAddress, InetSocketAddress> listener) {
    connectListener = listener;
  }

  // ------------------------------------------------------------------------------- what happened

  /** Returns how many sockets of this machine are open. */
  public int openSockets() {
    return streams.size() + datagrams.size();
  }

  /** Returns how many timers of the loop are the network's own. */
  int pendingTimers() {
    return pendingTimers;
  }

  /** Returns a number that is the same for the same run: of what arrived where, when, how long. */
  public long fingerprint() {
    return fingerprint;
  }

  /** Ends the threads that look up. */
  @Override
  public void close() {
    blocking.close();
  }

  // ------------------------------------------------------------------------------ for its parts

  /** Returns what the library sees of it. */
  Network asNetwork() {
    return machine;
  }

  private void checkRoom() throws IOException {
    loop.checkInLoop();
    if (noRoom) {
      throw new NoRoomException(new IOException("Too many open files"));
    }
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
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // Nothing happens any more.
    }
  }

  /** Runs something later. Any thread. */
  void after(long nanos, Runnable task) {
    if (!loop.inLoop()) {
      execute(() -> after(nanos, task));
      return;
    }
    pendingTimers++;
    Loop.Timer unused =
        loop.schedule(
            nanos,
            () -> {
              pendingTimers--;
              task.run();
            });
  }

  void connecting(InetSocketAddress from, InetSocketAddress to) {
    trace(from, to, "CONNECT", ByteBuffer.allocate(0));
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
  }

  /** What the library sees of it. */
  private final class Machine implements Network {
    @Override
    public Transport openStream(TransportOptions options) throws IOException {
      checkRoom();
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
      checkRoom();
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
