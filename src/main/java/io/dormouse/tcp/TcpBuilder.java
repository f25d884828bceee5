package io.dormouse.tcp;

import io.dormouse.check.Check;
import io.dormouse.connection.ConnectionBuilder;
import io.dormouse.connection.ConnectionHost;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ProxyAuthenticator;
import io.dormouse.connection.TlsOptions;
import io.dormouse.engine.Engine;
import io.dormouse.engine.LinkOptions;
import io.dormouse.network.Endpoint;
import io.dormouse.network.TransportOptions;
import io.dormouse.stream.StreamOptions;
import io.dormouse.tls.TlsClient;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said of a TCP connection before it is registered. A builder is used by one thread,
 * and once.
 */
public final class TcpBuilder extends ConnectionBuilder<TcpBuilder> {
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

  private final Engine engine;
  private @Nullable Endpoint endpoint;
  private Duration connectTimeout = TEN_SECONDS;
  private Duration prepareTimeout = TEN_SECONDS;
  private Optional<InetSocketAddress> localAddress = Optional.empty();
  private boolean noDelay = true;
  private boolean keepAlive;
  private OptionalInt sendBuffer = OptionalInt.empty();
  private OptionalInt receiveBuffer = OptionalInt.empty();
  private Optional<Duration> linger = Optional.empty();
  private Optional<Duration> idleTimeout = Optional.empty();
  private Optional<TlsClient> tls = Optional.empty();
  private TcpHandle.@Nullable InputMaker inputs;
  private Optional<ProxySelector> proxySelector = Optional.empty();
  private Optional<ProxyAuthenticator> proxyAuthenticator = Optional.empty();
  private @Nullable Function<? super TcpSender, ? extends CompletionStage<?>> opening;

  /**
   * Apps get their builders from the registry's method {@code tcp}.
   *
   * @param host what only the registry has
   * @param name unique in the registry; not blank, no line break
   * @throws IllegalArgumentException if it is anything else, or the name is blank or has a line
   *     break
   * @throws IllegalStateException if the registry is closed
   */
  public TcpBuilder(ConnectionHost host, String name) {
    super(name);
    engine = Engine.of(host, "tcp", name);
  }

  @Override
  protected TcpBuilder self() {
    return this;
  }

  /**
   * Connects to a host. Its name is looked up for each attempt, and all its addresses are tried.
   *
   * @param host a name or an address, without a port; an IPv6 address may stand in brackets
   * @param port from 1 to 65535
   * @return this builder
   * @throws IllegalArgumentException if the host can't be one, or the port is out of range
   */
  public TcpBuilder connectTo(String host, int port) {
    InetSocketAddress address =
        InetSocketAddress.createUnresolved(Check.host(name(), host), Check.port(name(), port));
    endpoint = new Endpoint.Known(address);
    return this;
  }

  /**
   * Connects to where the supplier says, which is asked anew for each attempt, on a worker thread.
   * If it throws, that attempt has failed. An {@linkplain InetSocketAddress#createUnresolved
   * unresolved} address is looked up. Replaces the host of an earlier call.
   *
   * @param endpoint gives an address with a port from 1 to 65535, resolved or not; may block, up to
   *     the {@linkplain #connectTimeout connect timeout}
   * @return this builder
   */
  public TcpBuilder connectTo(Callable<InetSocketAddress> endpoint) {
    Check.given(name(), "endpoint", endpoint);
    this.endpoint = new Endpoint.Asked(endpoint);
    return this;
  }

  /**
   * Binds the socket to a local address. If this method is not invoked, the system chooses.
   *
   * @param localAddress resolved; port 0 for one that the system chooses
   * @return this builder
   * @throws IllegalArgumentException if the address is unresolved
   */
  public TcpBuilder bind(InetSocketAddress localAddress) {
    this.localAddress = Optional.of(Check.localAddress(name(), localAddress));
    return this;
  }

  /**
   * Speaks TLS over the socket, 1.3 or 1.2: with the platform's trust, and a certificate that is
   * for the host connected to, be it a name or an address. If neither this method nor {@link
   * #tls(Consumer)} is invoked, the bytes go in plain text.
   *
   * <p>A peer ends its side with TLS's {@code close_notify}. A connection that ends without it was
   * cut by somebody ({@code NETWORK_LOST}). With TLS 1.2 a peer that ends its side takes no answer
   * any more (RFC 5246, section 7.2.1).
   *
   * @return this builder
   */
  public TcpBuilder tls() {
    return tls(options -> {});
  }

  /**
   * The same, as the options say. Replaces what was said before.
   *
   * @param options is called at once
   * @return this builder
   * @throws IllegalArgumentException if there are pins for a context without its trust manager
   */
  public TcpBuilder tls(Consumer<? super TlsOptions> options) {
    tls = Optional.of(TlsClient.of(name(), options));
    return this;
  }

  /**
   * How long look-up and connect may take, over all addresses, TLS included. If this method is not
   * invoked, 10 s, which is OkHttp's default.
   *
   * @param timeout positive, at most 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is not positive, or above 365 days
   */
  public TcpBuilder connectTimeout(Duration timeout) {
    connectTimeout = Check.positive(name(), "the connect timeout", timeout);
    return this;
  }

  /**
   * Ends the connection when nothing was received for so long; or when a peer that has ended its
   * side has taken nothing of the answer for so long. The time in which the app is behind with its
   * callbacks does not count. If this method is not invoked, it may be silent for any time.
   *
   * @param timeout positive, at most 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is not positive, or above 365 days
   */
  public TcpBuilder idleTimeout(Duration timeout) {
    idleTimeout = Optional.of(Check.positive(name(), "the idle timeout", timeout));
    return this;
  }

  /**
   * Sends small pieces at once ({@code TCP_NODELAY}). If this method is not invoked, true.
   *
   * @param on false lets the system gather small pieces (Nagle, RFC 896)
   * @return this builder
   */
  public TcpBuilder noDelay(boolean on) {
    noDelay = on;
    return this;
  }

  /**
   * Has the system probe a silent peer ({@code SO_KEEPALIVE}), after two hours unless the system is
   * configured otherwise. If this method is not invoked, false.
   *
   * @param on true to probe
   * @return this builder
   */
  public TcpBuilder keepAlive(boolean on) {
    keepAlive = on;
    return this;
  }

  /**
   * How long closing waits for the peer to close too, after all has been flushed. Zero resets the
   * connection instead ({@code SO_LINGER} 0). If this method is not invoked, as long as the
   * registry's close timeout and the suspend budget allow. The wait blocks no thread.
   *
   * @param linger from zero to 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is out of that range
   */
  public TcpBuilder linger(Duration linger) {
    this.linger = Optional.of(Check.notNegative(name(), "linger", linger));
    return this;
  }

  /**
   * The system's send buffer ({@code SO_SNDBUF}) as a hint. If this method is not invoked, as the
   * system has it.
   *
   * @param bytes from 1 to 2^30
   * @return this builder
   * @throws IllegalArgumentException if it is out of that range
   */
  public TcpBuilder sendBufferSize(int bytes) {
    sendBuffer = OptionalInt.of(Check.within(name(), "sendBufferSize", 1, 1 << 30, bytes));
    return this;
  }

  /**
   * The system's receive buffer ({@code SO_RCVBUF}) as a hint. If this method is not invoked, as
   * the system has it.
   *
   * @param bytes from 1 to 2^30
   * @return this builder
   * @throws IllegalArgumentException if it is out of that range
   */
  public TcpBuilder receiveBufferSize(int bytes) {
    receiveBuffer = OptionalInt.of(Check.within(name(), "receiveBufferSize", 1, 1 << 30, bytes));
    return this;
  }

  /**
   * Takes the bytes that come, in order. They arrive in pieces of any size: TCP keeps no
   * boundaries; {@link #onMessage} restores them. Each buffer is the callback's own; {@link
   * #onBorrowedData} spares the copy that this takes. If none of the three is invoked, what comes
   * is dropped.
   *
   * <p>A peer that has ended its side of the connection may still read (RFC 9293, section 3.6). So
   * what came before that is taken first, and what these callbacks send, before they return, goes
   * out; when all that waits is written, the connection ends ({@code PEER_CLOSED}). What is brought
   * later fails. While the connection closes from this side, what still comes is dropped.
   *
   * @param callback called on the callback executor, with the bytes from the position to the limit
   *     of the buffer
   * @return this builder
   * @throws IllegalStateException if this method, {@link #onBorrowedData} or {@link #onMessage} was
   *     invoked before
   */
  public TcpBuilder onData(BiConsumer<? super TcpConnection, ByteBuffer> callback) {
    Check.given(name(), "callback", callback);
    return takeInput((connection, fail) -> bytes -> callback.accept(connection, bytes));
  }

  /**
   * Takes the bytes that come, as {@link #onData} does, but lends them: the buffer is the one that
   * the socket was read into, and others are read into it when the callback has returned. That
   * spares a copy and its garbage, for callbacks that parse, hash, or write elsewhere what comes.
   *
   * <ul>
   *   <li>The buffer is read-only, and valid on any thread until the callback returns or throws.
   *       Copy what is needed longer.
   *   <li>After that it is empty, so that relative and absolute reads of one that was kept throw.
   *       What goes beyond its limit ({@link ByteBuffer#clear()}, {@link ByteBuffer#limit(int)}),
   *       and a {@linkplain ByteBuffer#duplicate() duplicate} or {@linkplain ByteBuffer#slice()
   *       slice} that was kept, shows whatever is there or comes there next, of any connection.
   *   <li>What the callback's thread sends of it, over this or another connection of a registry, is
   *       copied at once, and so may be sent. Who sends nearly all that comes takes {@link
   *       #onData}.
   *   <li>It stays valid for a callback in whose midst the connection closes or the app is
   *       suspended.
   *   <li>It may be outside the heap or not, and has no accessible array.
   * </ul>
   *
   * <p>A connection holds no buffer while it waits for bytes. It has eight at most, of 64 KiB each,
   * and all of a registry have 2 MiB, which are made as they are needed. If none is left, since
   * callbacks are slow, and where few bytes came, the callback is lent a copy. What waits for slow
   * callbacks counts against the registry's {@code receiveBufferLimit} as ever.
   *
   * @param callback called on the callback executor, with the bytes from the position to the limit
   *     of the buffer
   * @return this builder
   * @throws IllegalStateException if this method, {@link #onData} or {@link #onMessage} was invoked
   *     before
   */
  public TcpBuilder onBorrowedData(BiConsumer<? super TcpConnection, ByteBuffer> callback) {
    Check.given(name(), "callback", callback);
    return takeInput(
        (connection, fail) -> new Borrowing(bytes -> callback.accept(connection, bytes)));
  }

  /**
   * Takes the messages that come, in order, each of them whole. Each generation begins with a new
   * decoder; of what a peer leaves incomplete when it ends its side, the framing says what becomes.
   * Replies to the {@linkplain #prepare opening} come here too. Decoding runs on the callback
   * executor, so none holds up another connection.
   *
   * <p>A message that is longer than the framing allows ends the generation with {@code
   * LIMIT_EXCEEDED}, bytes that make no sense with {@code PROTOCOL_ERROR}: after the messages
   * before it were taken, and what was sent in answer to them was written. Nothing behind it is
   * delivered. For the rest it is as {@link #onData} says.
   *
   * @param <M> what a message is to the app
   * @param framing where messages begin and end, such as {@link Framing#lines}
   * @param callback called on the callback executor, with one message
   * @return this builder
   * @throws IllegalStateException if this method, {@link #onData} or {@link #onBorrowedData} was
   *     invoked before
   */
  public <M> TcpBuilder onMessage(
      Framing<M> framing, BiConsumer<? super TcpConnection, ? super M> callback) {
    Check.given(name(), "framing", framing);
    Check.given(name(), "callback", callback);
    return takeInput(
        (connection, fail) ->
            new Messages<>(framing, message -> callback.accept(connection, message), fail));
  }

  private TcpBuilder takeInput(TcpHandle.InputMaker maker) {
    if (inputs != null) {
      throw new IllegalStateException(
          name()
              + ": what comes is taken by one callback, of either onData, onBorrowedData or"
              + " onMessage");
    }
    inputs = maker;
    return this;
  }

  /**
   * Says through which proxies to connect, and in which order they are tried. It is asked for each
   * attempt, on a thread of the library, of URLs such as {@code socket://host:port}. For these the
   * JDK's {@link ProxySelector#of} says that there is no proxy, and its default one knows SOCKS
   * proxies only: to send TCP through an HTTP proxy takes a selector of the app's. An HTTP proxy is
   * asked for a tunnel (CONNECT), a SOCKS proxy must speak version 5; both look the host's name up
   * themselves. What the handle tells as the remote address is then the proxy's. If this method is
   * not invoked, the registry's selector.
   *
   * @param selector may block, up to the connect timeout; what it throws fails the attempt
   * @return this builder
   */
  public TcpBuilder proxySelector(ProxySelector selector) {
    proxySelector = Optional.of(Check.given(name(), "selector", selector));
    return this;
  }

  /**
   * Tells proxies who the app is. If this method is not invoked, the registry's authenticator.
   *
   * @param authenticator may block, up to the connect timeout; what it throws fails the attempt
   * @return this builder
   */
  public TcpBuilder proxyAuthenticator(ProxyAuthenticator authenticator) {
    proxyAuthenticator = Optional.of(Check.given(name(), "authenticator", authenticator));
    return this;
  }

  /**
   * Is called each time the connection has opened on a new socket.
   *
   * @param callback called on the callback executor, after the {@linkplain #prepare opening};
   *     invoking this method again adds another
   * @return this builder
   */
  public TcpBuilder onOpen(Consumer<? super TcpConnection> callback) {
    Check.given(name(), "callback", callback);
    return onNewOpen(connection -> callback.accept((TcpConnection) connection));
  }

  /**
   * The app's own opening on each new socket, such as a sign-in. What it sends goes out first; all
   * other sends are refused until its stage completes. What the peer answers meanwhile comes
   * through the ordinary callbacks, which may complete the stage; a callback that waits for an
   * answer would wait for ever. If the stage fails, or takes longer than the timeout, the attempt
   * has failed. It runs on the callback executor. If this method is not invoked, there is none.
   *
   * @param timeout how long it may take; positive
   * @param opening gets where to send, valid for this one socket
   * @return this builder
   */
  public TcpBuilder prepare(
      Duration timeout, Function<? super TcpSender, ? extends CompletionStage<?>> opening) {
    prepareTimeout = Check.positive(name(), "the prepare timeout", timeout);
    this.opening = Check.given(name(), "opening", opening);
    return this;
  }

  /**
   * Registers the connection, which connects at once if it is wanted.
   *
   * @return the connection, which lives until it or the registry is closed
   * @throws IllegalStateException if {@code connectTo} was not invoked, or the registry is closed
   * @throws IllegalArgumentException if the name is taken
   */
  public TcpConnection register() {
    Endpoint to = endpoint;
    if (to == null) {
      throw new IllegalStateException(name() + ": where to? connectTo(host, port) is missing");
    }
    LinkOptions link =
        new LinkOptions(
            name(),
            ConnectionKind.TCP,
            priority(),
            connectTimeout,
            prepareTimeout,
            retryPolicy().orElse(engine.environment().settings().retryPolicy()),
            engine
                .environment()
                .settings()
                .reach()
                .withDns(dns())
                .withProxies(proxySelector, proxyAuthenticator));
    StreamOptions stream =
        new StreamOptions(
            new TransportOptions(localAddress, noDelay, keepAlive, sendBuffer, receiveBuffer),
            linger,
            idleTimeout);
    TcpHandle.InputMaker taken = inputs == null ? (connection, fail) -> bytes -> {} : inputs;
    TcpHandle handle = new TcpHandle(engine, link, stream, to, tls, taken, opening);
    listeners().forEach(handle::addListener);
    return engine.register(handle);
  }
}
