package io.dormouse.udp;

import io.dormouse.check.Check;
import io.dormouse.connection.ConnectionBuilder;
import io.dormouse.connection.ConnectionHost;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.engine.Engine;
import io.dormouse.engine.LinkOptions;
import io.dormouse.network.Endpoint;
import io.dormouse.network.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What is to be said of a UDP connection before it is registered. Everything said here holds for
 * the socket of each generation: it is bound anew, joins its groups anew, and so on. A builder is
 * used by one thread, and once.
 *
 * <p>A socket that has to do with multicast speaks either IPv4 or IPv6: what its groups are, or
 * else IPv4. Any other speaks both, where the system has both. {@link #family} decides otherwise.
 *
 * <p>There is no method for the TTL of what isn't multicast: Java offers none.
 */
public final class UdpBuilder extends ConnectionBuilder<UdpBuilder> {
  /** UDP has nothing to agree on with a peer, so nothing takes time in {@code PREPARING}. */
  private static final Duration PREPARE_TIMEOUT = Duration.ofSeconds(10);

  private final Engine engine;
  private Network network;
  private final List<Group> groups = new ArrayList<>();
  private final Map<SocketOption<?>, Object> socketOptions = new LinkedHashMap<>();
  private Optional<ProtocolFamily> family = Optional.empty();
  private Optional<InetSocketAddress> bind = Optional.empty();
  private Optional<Endpoint> peer = Optional.empty();
  private Optional<String> multicastInterface = Optional.empty();
  private Duration connectTimeout = Duration.ofSeconds(10);
  private BiConsumer<? super UdpConnection, Datagram> onDatagram = (connection, datagram) -> {};
  private Optional<BiConsumer<? super UdpConnection, IOException>> onError = Optional.empty();

  /**
   * Apps get their builders from the registry's method {@code udp}.
   *
   * @param host what only the registry has
   * @param name unique in the registry; not blank, no line break
   * @throws IllegalArgumentException if it is anything else, or the name is blank or has a line
   *     break
   * @throws IllegalStateException if the registry is closed
   */
  public UdpBuilder(ConnectionHost host, String name) {
    super(name);
    engine = Engine.of(host, "udp", name);
    network = engine.environment().network();
  }

  @Override
  protected UdpBuilder self() {
    return this;
  }

  // -------------------------------------------------------------------------------- addresses

  /**
   * Binds the socket to a port, on every address of the system. If neither this nor {@link
   * #bind(InetSocketAddress)} is invoked, the system chooses a free port for each generation, which
   * {@link UdpConnection#localAddress()} tells. A port that is taken is a failed attempt, which the
   * retry policy follows up.
   *
   * @param port from 1 to 65535
   * @return this builder
   * @throws IllegalArgumentException if the port is out of range
   */
  public UdpBuilder bind(int port) {
    return bind(new InetSocketAddress(Check.port(name(), port)));
  }

  /**
   * Binds the socket to a local address. Replaces an earlier call.
   *
   * @param localAddress resolved; port 0 for one that the system chooses
   * @return this builder
   * @throws IllegalArgumentException if the address is unresolved
   */
  public UdpBuilder bind(InetSocketAddress localAddress) {
    bind = Optional.of(Check.localAddress(name(), localAddress));
    return this;
  }

  /**
   * Connects the socket to a host: {@link UdpConnection#send(java.nio.ByteBuffer)} then sends
   * there, datagrams of others are not received, and ICMP errors are reported to {@link #onError}.
   * Nothing is sent by connecting. A name is looked up for each attempt, and the first of its
   * addresses that there is a route to is taken. If no {@code connectTo} is invoked, the socket is
   * not connected.
   *
   * @param host a name or an address, without a port; an IPv6 address may stand in brackets
   * @param port from 1 to 65535
   * @return this builder
   * @throws IllegalArgumentException if the host can't be one, or the port is out of range
   */
  public UdpBuilder connectTo(String host, int port) {
    InetSocketAddress address =
        InetSocketAddress.createUnresolved(Check.host(name(), host), Check.port(name(), port));
    peer = Optional.of(new Endpoint.Known(address));
    return this;
  }

  /**
   * Connects the socket to where the supplier says, which is asked anew for each attempt, on a
   * worker thread. If it throws, that attempt has failed. An {@linkplain
   * InetSocketAddress#createUnresolved unresolved} address is looked up. Replaces an earlier {@code
   * connectTo}.
   *
   * @param peer gives an address with a port from 1 to 65535, resolved or not; may block, up to the
   *     {@linkplain #connectTimeout connect timeout}
   * @return this builder
   */
  public UdpBuilder connectTo(Callable<InetSocketAddress> peer) {
    this.peer = Optional.of(new Endpoint.Asked(Check.given(name(), "peer", peer)));
    return this;
  }

  /**
   * How long look-ups and the supplier of {@code connectTo} may take. If this method is not
   * invoked, 10 s, which is OkHttp's default.
   *
   * @param timeout positive, at most 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is not positive, or above 365 days
   */
  public UdpBuilder connectTimeout(Duration timeout) {
    connectTimeout = Check.positive(name(), "the connect timeout", timeout);
    return this;
  }

  /**
   * Has the socket speak only this protocol.
   *
   * @param family {@code INET} for IPv4 or {@code INET6} for IPv6
   * @return this builder
   * @throws IllegalArgumentException if it is another
   */
  public UdpBuilder family(StandardProtocolFamily family) {
    boolean known = family == StandardProtocolFamily.INET || family == StandardProtocolFamily.INET6;
    if (!known) {
      Check.given(name(), "family", family);
      throw new IllegalArgumentException(name() + ": family must be INET or INET6, not " + family);
    }
    this.family = Optional.of(family);
    return this;
  }

  // --------------------------------------------------------------------- broadcast and multicast

  /**
   * Allows to send to broadcast addresses ({@code SO_BROADCAST}). If this method is not invoked,
   * false: such a send is refused by the system.
   *
   * @param on true to allow it
   * @return this builder
   */
  public UdpBuilder broadcast(boolean on) {
    return option(StandardSocketOptions.SO_BROADCAST, on);
  }

  /**
   * Joins a multicast group on every network interface that is up and takes part in multicast, as
   * far as the system allows; if none does, that is a failed attempt. The interfaces are looked up
   * anew for each attempt. May be invoked for several groups.
   *
   * <p>With a group, {@link #reuseAddress} is true unless that method says otherwise, since other
   * programs of the system listen to a group at the same port, as all do that speak mDNS.
   *
   * @param group an address from 224.0.0.0 to 239.255.255.255, or one that begins with {@code ff}
   * @return this builder
   * @throws IllegalArgumentException if it is not a multicast address
   */
  public UdpBuilder joinGroup(String group) {
    return join(group, Optional.empty());
  }

  /**
   * Joins a multicast group on one network interface, which is looked up anew for each attempt; if
   * it isn't there, the attempt has failed. Otherwise like {@link #joinGroup(String)}.
   *
   * @param group an address from 224.0.0.0 to 239.255.255.255, or one that begins with {@code ff}
   * @param networkInterface its name, such as {@code wlan0}; not blank
   * @return this builder
   * @throws IllegalArgumentException if {@code group} is not a multicast address, or the name blank
   */
  public UdpBuilder joinGroup(String group, String networkInterface) {
    return join(group, Optional.of(interfaceName(networkInterface)));
  }

  private UdpBuilder join(String text, Optional<String> networkInterface) {
    InetAddress address = Group.parse(Check.given(name(), "group", text));
    if (address == null) {
      throw new IllegalArgumentException(
          name() + ": a group is a multicast address, such as 224.0.0.251 or ff02::fb");
    }
    groups.add(new Group(address, networkInterface));
    return this;
  }

  /**
   * The network interface that multicast is sent by ({@code IP_MULTICAST_IF}), which is looked up
   * anew for each attempt; if it isn't there, the attempt has failed. If this method is not
   * invoked, the system chooses.
   *
   * @param networkInterface its name, such as {@code wlan0}; not blank
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   */
  public UdpBuilder multicastInterface(String networkInterface) {
    multicastInterface = Optional.of(interfaceName(networkInterface));
    return this;
  }

  private String interfaceName(String networkInterface) {
    return Check.name(name() + ": the name of a network interface", networkInterface);
  }

  /**
   * How many routers multicast may pass, plus one ({@code IP_MULTICAST_TTL}). If this method is not
   * invoked, 1: it stays in the local network.
   *
   * @param ttl from 0, which doesn't leave the system, to 255
   * @return this builder
   * @throws IllegalArgumentException if it is out of that range
   */
  public UdpBuilder multicastTtl(int ttl) {
    return option(
        StandardSocketOptions.IP_MULTICAST_TTL, Check.within(name(), "multicastTtl", 0, 255, ttl));
  }

  /**
   * Whether the system's own members of a group receive what is sent to it ({@code
   * IP_MULTICAST_LOOP}), this socket included. If this method is not invoked, as the system has it,
   * which is true as a rule.
   *
   * @param on false keeps it from this system's own members
   * @return this builder
   */
  public UdpBuilder multicastLoopback(boolean on) {
    return option(StandardSocketOptions.IP_MULTICAST_LOOP, on);
  }

  // ------------------------------------------------------------------------------ socket options

  /**
   * Allows several sockets to be bound to the same port ({@code SO_REUSEADDR}); all of them must
   * allow it. They all receive what is sent to a group, but a datagram to one host reaches only one
   * of them. If this method is not invoked, true with a group to join, and otherwise false.
   *
   * @param on true to share the port
   * @return this builder
   */
  public UdpBuilder reuseAddress(boolean on) {
    return option(StandardSocketOptions.SO_REUSEADDR, on);
  }

  /**
   * The system's send buffer ({@code SO_SNDBUF}), as a hint. If this method is not invoked, as the
   * system has it.
   *
   * @param bytes from 1 to 2^30
   * @return this builder
   * @throws IllegalArgumentException if it is out of that range
   */
  public UdpBuilder sendBufferSize(int bytes) {
    return option(
        StandardSocketOptions.SO_SNDBUF, Check.within(name(), "sendBufferSize", 1, 1 << 30, bytes));
  }

  /**
   * The system's receive buffer ({@code SO_RCVBUF}), as a hint. If this method is not invoked, as
   * the system has it. What comes while it is full is dropped by the system: UDP can't slow the
   * sender down.
   *
   * @param bytes from 1 to 2^30
   * @return this builder
   * @throws IllegalArgumentException if it is out of that range
   */
  public UdpBuilder receiveBufferSize(int bytes) {
    return option(
        StandardSocketOptions.SO_RCVBUF,
        Check.within(name(), "receiveBufferSize", 1, 1 << 30, bytes));
  }

  private <T> UdpBuilder option(SocketOption<T> option, T value) {
    socketOptions.put(option, value);
    return this;
  }

  // --------------------------------------------------------------------------------- callbacks

  /**
   * Takes each datagram that is received, on the callback executor. If this method is not invoked,
   * they are dropped. An app that is behind by more than the registry's limit of unread bytes is
   * given no more until it has caught up; the system drops what it has no room for meanwhile.
   *
   * @param callback each datagram is its own, to keep
   * @return this builder
   */
  public UdpBuilder onDatagram(BiConsumer<? super UdpConnection, Datagram> callback) {
    onDatagram = Check.given(name(), "callback", callback);
    return this;
  }

  /**
   * Hears of what an earlier datagram met with, on the callback executor: a {@link
   * java.net.PortUnreachableException} when the peer has no socket at the port, and the like (ICMP,
   * RFC 1122, section 4.1.3.3). It ends nothing. Systems report this only on a {@linkplain
   * #connectTo connected} socket, and don't say which datagram it was. If this method is not
   * invoked, it is logged.
   *
   * @param callback gets what the system said
   * @return this builder
   */
  public UdpBuilder onError(BiConsumer<? super UdpConnection, IOException> callback) {
    onError = Optional.of(Check.given(name(), "callback", callback));
    return this;
  }

  /** Plays the operating system, for tests. */
  UdpBuilder on(Network network) {
    this.network = network;
    return this;
  }

  /**
   * Is called each time the connection has opened on a new socket, on the callback executor.
   *
   * @param callback invoking this method again adds another
   * @return this builder
   */
  public UdpBuilder onOpen(Consumer<? super UdpConnection> callback) {
    Check.given(name(), "callback", callback);
    return onNewOpen(connection -> callback.accept((UdpConnection) connection));
  }

  // ---------------------------------------------------------------------------------- the end

  /**
   * Registers the connection, whose socket is made at once if it is wanted.
   *
   * @return the connection, which lives until it or the registry is closed
   * @throws IllegalArgumentException if the name is taken, or IPv4 and IPv6 are asked of one socket
   * @throws IllegalStateException if the registry is closed
   */
  public UdpConnection register() {
    LinkOptions link =
        new LinkOptions(
            name(),
            ConnectionKind.UDP,
            priority(),
            connectTimeout,
            PREPARE_TIMEOUT,
            retryPolicy().orElse(engine.environment().settings().retryPolicy()),
            engine.environment().settings().reach().withDns(dns()));
    UdpHandle handle = new UdpHandle(engine, link, options(), network);
    listeners().forEach(handle::addListener);
    return engine.register(handle);
  }

  private UdpOptions options() {
    Map<SocketOption<?>, Object> chosen = new LinkedHashMap<>(socketOptions);
    if (!groups.isEmpty()) {
      chosen.putIfAbsent(StandardSocketOptions.SO_REUSEADDR, true);
    }
    UdpOptions options =
        new UdpOptions(
            chosenFamily(),
            bind,
            peer,
            List.copyOf(groups),
            multicastInterface,
            chosen,
            onDatagram,
            onError);
    for (Group group : groups) {
      checkFamily(options, group.address());
    }
    if (bind.isPresent() && !bind.get().getAddress().isAnyLocalAddress()) {
      checkFamily(options, bind.get().getAddress());
    }
    return options;
  }

  private Optional<ProtocolFamily> chosenFamily() {
    if (family.isPresent()) {
      return family;
    } else if (!groups.isEmpty()) {
      return Optional.of(groups.get(0).family());
    }
    // A socket for both would apply these to IPv6 only, and IPv4 would go out without them.
    boolean multicast =
        multicastInterface.isPresent()
            || socketOptions.containsKey(StandardSocketOptions.IP_MULTICAST_TTL)
            || socketOptions.containsKey(StandardSocketOptions.IP_MULTICAST_LOOP);
    return multicast ? Optional.of(StandardProtocolFamily.INET) : Optional.empty();
  }

  private void checkFamily(UdpOptions options, InetAddress address) {
    if (!options.speaksTo(address)) {
      throw new IllegalArgumentException(
          name()
              + ": its socket is of the family "
              + options.family().get()
              + ", and "
              + address.getHostAddress()
              + " is not; register one connection for each");
    }
  }
}
