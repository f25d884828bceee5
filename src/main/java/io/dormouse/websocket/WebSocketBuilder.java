package io.dormouse.websocket;

import io.dormouse.check.Check;
import io.dormouse.connection.ConnectionBuilder;
import io.dormouse.connection.ConnectionHost;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ProxyAuthenticator;
import io.dormouse.connection.TlsOptions;
import io.dormouse.engine.Engine;
import io.dormouse.engine.LinkOptions;
import io.dormouse.network.TransportOptions;
import io.dormouse.stream.StreamOptions;
import io.dormouse.tls.TlsClient;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Configures a WebSocket, and registers it. A builder is used by one thread, and once. */
public final class WebSocketBuilder extends ConnectionBuilder<WebSocketBuilder> {
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
  private static final Optional<Duration> THIRTY_SECONDS = Optional.of(Duration.ofSeconds(30));

  private final Engine engine;
  private @Nullable URI url;
  private @Nullable Callable<URI> urlSupplier;
  private final Map<String, List<String>> fixedHeaders =
      new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private @Nullable Callable<Map<String, List<String>>> headers;
  private int redirects;
  private Consumer<? super TlsOptions> tls = options -> {};
  private List<String> subprotocols = List.of();
  private Optional<Compression> compression = Optional.empty();
  private Optional<InetSocketAddress> localAddress = Optional.empty();
  private boolean noDelay = true;
  private boolean keepAlive;
  private OptionalInt sendBuffer = OptionalInt.empty();
  private OptionalInt receiveBuffer = OptionalInt.empty();
  private Duration connectTimeout = TEN_SECONDS;
  private Duration handshakeTimeout = TEN_SECONDS;
  private Duration prepareTimeout = TEN_SECONDS;
  private int maxMessageBytes = 16 << 20;
  private Optional<Duration> pingInterval = THIRTY_SECONDS;
  private Duration pingTimeout = TEN_SECONDS;
  private BiConsumer<? super WebSocketConnection, String> onText = (connection, text) -> {};
  private BiConsumer<? super WebSocketConnection, ByteBuffer> onBinary = (connection, data) -> {};
  private BiConsumer<? super WebSocketConnection, ByteBuffer> onPong = (connection, data) -> {};
  private Optional<ProxySelector> proxySelector = Optional.empty();
  private Optional<ProxyAuthenticator> proxyAuthenticator = Optional.empty();
  private @Nullable Function<? super WebSocketSender, ? extends CompletionStage<?>> opening;

  /**
   * Apps get their builders from the registry's method {@code webSocket}.
   *
   * @param host what only the registry has
   * @param name unique in the registry; not blank, no line break
   * @throws IllegalArgumentException if it is anything else, or the name is blank or has a line
   *     break
   * @throws IllegalStateException if the registry is closed
   */
  public WebSocketBuilder(ConnectionHost host, String name) {
    super(name);
    engine = Engine.of(host, "webSocket", name);
  }

  @Override
  protected WebSocketBuilder self() {
    return this;
  }

  /**
   * Connects to a URL such as {@code wss://chat.example.com/v1}; with {@code ws} in plain text.
   *
   * @param url with a path and a query, if it has them; no message or log quotes it
   * @return this builder
   * @throws IllegalArgumentException if it is not a ws or wss URL with a host, or has user info or
   *     a fragment
   */
  public WebSocketBuilder connectTo(String url) {
    Check.given(name(), "url", url);
    URI parsed;
    try {
      parsed = URI.create(url);
    } catch (IllegalArgumentException e) {
      // Without the cause, whose message quotes the URL: that may hold a secret.
      throw new IllegalArgumentException(name() + ": the URL can't be parsed");
    }
    this.url = Request.checkUrl(name(), parsed);
    this.urlSupplier = null;
    return this;
  }

  /**
   * Connects to where the supplier says, which is asked anew for each attempt, on a worker thread.
   * If it throws, or gives what is not a ws or wss URL, that attempt has failed. Replaces the URL
   * of an earlier call.
   *
   * @param url gives a ws or wss URL; may block, up to the {@linkplain #connectTimeout connect
   *     timeout}
   * @return this builder
   */
  public WebSocketBuilder connectTo(Callable<URI> url) {
    this.urlSupplier = Check.given(name(), "url", url);
    this.url = null;
    return this;
  }

  /**
   * Sends a header with each handshake. The same name again replaces what it had; {@link
   * #addHeader} adds to it.
   *
   * @param name a token, in any case; not one of the handshake's own, such as {@code Host} or
   *     {@code Upgrade}
   * @param value ASCII without line breaks
   * @return this builder
   * @throws IllegalArgumentException if the name is not one or is the handshake's own, or the value
   *     has a line break or is not ASCII
   */
  public WebSocketBuilder header(String name, String value) {
    Request.checkHeader(name(), name, value);
    fixedHeaders.put(name, List.of(value));
    return this;
  }

  /**
   * Sends one more header with each handshake, beside those of the same name, each on a line of its
   * own.
   *
   * @param name as for {@link #header}
   * @param value ASCII without line breaks
   * @return this builder
   * @throws IllegalArgumentException as {@link #header} does
   */
  public WebSocketBuilder addHeader(String name, String value) {
    Request.checkHeader(name(), name, value);
    List<String> all = new ArrayList<>(fixedHeaders.getOrDefault(name, List.of()));
    all.add(value);
    fixedHeaders.put(name, List.copyOf(all));
    return this;
  }

  /**
   * Sends what the supplier gives with each handshake, besides the fixed headers, of which it
   * replaces those of the same name. It is asked anew for each attempt, on a worker thread, which
   * is how a token stays fresh. If it throws, that attempt has failed.
   *
   * @param headers gives values by name, under the rules of {@link #header}; may block, up to the
   *     {@linkplain #connectTimeout connect timeout}
   * @return this builder
   */
  public WebSocketBuilder headers(Callable<Map<String, String>> headers) {
    Check.given(name(), "headers", headers);
    this.headers = () -> eachOnce(headers.call());
    return this;
  }

  @SuppressWarnings("NullAway") // what the app gives may be null, which is found out later
  private static Map<String, List<String>> eachOnce(@Nullable Map<String, String> headers) {
    if (headers == null) {
      return null;
    }
    Map<String, List<String>> lists = new HashMap<>();
    headers.forEach((name, value) -> lists.put(name, Collections.singletonList(value)));
    return lists;
  }

  /**
   * The same as {@link #headers}, of which it replaces an earlier call, for headers that have more
   * than one value, each of which goes on a line of its own.
   *
   * @param headers gives the values of each name, under the rules of {@link #header}; may block, up
   *     to the {@linkplain #connectTimeout connect timeout}
   * @return this builder
   */
  public WebSocketBuilder repeatedHeaders(Callable<Map<String, List<String>>> headers) {
    this.headers = Check.given(name(), "headers", headers);
    return this;
  }

  /**
   * Follows redirects of the handshake (the statuses 301, 302, 303, 307 and 308): never from {@code
   * wss} to {@code ws}, and no more than so many for one attempt. To another scheme, host or port
   * go no headers of the app but {@code Origin}, {@code User-Agent} and {@code Accept-Language},
   * since any other may be a credential. Each hop may take the connect and the handshake timeout.
   * If this method is not invoked, none is followed: a redirect refuses the handshake.
   *
   * @param most from 0 to 100
   * @return this builder
   * @throws IllegalArgumentException if it is out of that range
   */
  public WebSocketBuilder followRedirects(int most) {
    redirects = Check.within(name(), "followRedirects", 0, 100, most);
    return this;
  }

  /**
   * Binds the socket to a local address. If this method is not invoked, the system chooses.
   *
   * @param localAddress resolved; port 0 for one that the system chooses
   * @return this builder
   * @throws IllegalArgumentException if the address is unresolved
   */
  public WebSocketBuilder bind(InetSocketAddress localAddress) {
    this.localAddress = Optional.of(Check.localAddress(name(), localAddress));
    return this;
  }

  /**
   * Sends small frames at once ({@code TCP_NODELAY}). If this method is not invoked, true.
   *
   * @param on false lets the system gather small frames (Nagle, RFC 896)
   * @return this builder
   */
  public WebSocketBuilder noDelay(boolean on) {
    noDelay = on;
    return this;
  }

  /**
   * Has the system probe a silent server ({@code SO_KEEPALIVE}), besides the pings. If this method
   * is not invoked, false.
   *
   * @param on true to probe
   * @return this builder
   */
  public WebSocketBuilder keepAlive(boolean on) {
    keepAlive = on;
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
  public WebSocketBuilder sendBufferSize(int bytes) {
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
  public WebSocketBuilder receiveBufferSize(int bytes) {
    receiveBuffer = OptionalInt.of(Check.within(name(), "receiveBufferSize", 1, 1 << 30, bytes));
    return this;
  }

  /**
   * Offers subprotocols, the preferred one first. The server may choose one or none.
   *
   * @param names tokens (RFC 9110, section 5.6.2), each once; none to offer none
   * @return this builder
   * @throws IllegalArgumentException if one is not a token, or is there twice (RFC 6455, section
   *     4.1)
   */
  public WebSocketBuilder subprotocols(String... names) {
    for (String subprotocol : Check.given(name(), "names", names)) {
      Check.given(name(), "a subprotocol", subprotocol);
      Request.checkToken(name(), "a subprotocol", subprotocol);
    }
    if (Set.copyOf(List.of(names)).size() < names.length) {
      throw new IllegalArgumentException(name() + ": a subprotocol is offered twice");
    }
    subprotocols = List.of(names);
    return this;
  }

  /**
   * Says how TLS is used if the URL begins with {@code wss}. If this method is not invoked, 1.3 or
   * 1.2 with the platform's trust, and a certificate that is for the URL's host. Replaces what was
   * said before.
   *
   * @param options is called when the connection is registered
   * @return this builder
   */
  public WebSocketBuilder tls(Consumer<? super TlsOptions> options) {
    tls = Check.given(name(), "options", options);
    return this;
  }

  /**
   * Offers compression to the server, as {@link Compression#deflate()} says.
   *
   * @return this builder
   */
  public WebSocketBuilder compression() {
    return compression(Compression.deflate());
  }

  /**
   * Offers compression to the server, which may decline. If this method is not invoked, none is
   * offered.
   *
   * <p>What is received is inflated up to the {@linkplain #maxMessageSize largest message}, and no
   * further. What is sent is compressed in order, on the I/O thread if it is little and on another
   * one if it is much, and never on that of the sender.
   *
   * @param compression from {@link Compression#deflate()}
   * @return this builder
   */
  public WebSocketBuilder compression(Compression compression) {
    this.compression = Optional.of(Check.given(name(), "compression", compression));
    return this;
  }

  /**
   * How long look-up and connect may take, TLS included. If this method is not invoked, 10 s.
   *
   * @param timeout positive, at most 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is not positive, or above 365 days
   */
  public WebSocketBuilder connectTimeout(Duration timeout) {
    connectTimeout = Check.positive(name(), "the connect timeout", timeout);
    return this;
  }

  /**
   * How long the server may take to answer the handshake. If this method is not invoked, 10 s.
   *
   * @param timeout positive, at most 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is not positive, or above 365 days
   */
  public WebSocketBuilder handshakeTimeout(Duration timeout) {
    handshakeTimeout = Check.positive(name(), "the handshake timeout", timeout);
    return this;
  }

  /**
   * The longest message that is received; a longer one ends the connection with 1009. If this
   * method is not invoked, 16 MiB, which is what OkHttp queues at most.
   *
   * @param bytes from 1 to 2^30
   * @return this builder
   * @throws IllegalArgumentException if it is out of that range
   */
  public WebSocketBuilder maxMessageSize(int bytes) {
    maxMessageBytes = Check.within(name(), "maxMessageSize", 1, 1 << 30, bytes);
    return this;
  }

  /**
   * Pings the server at this interval, and ends the connection if nothing comes from it within the
   * {@linkplain #pingTimeout ping timeout}. If this method is not invoked, each 30 s, which is
   * below the idle timeouts of common NATs.
   *
   * @param interval from an answer to the next ping; positive, at most 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is not positive, or above 365 days
   */
  public WebSocketBuilder pingInterval(Duration interval) {
    pingInterval = Optional.of(Check.positive(name(), "the ping interval", interval));
    return this;
  }

  /**
   * How long the server may take to answer a ping, besides the time that what was sent before it
   * needs on a slow link. If this method is not invoked, 10 s.
   *
   * <p>That time is a minute at most, since a link is taken for no slower than 64 KiB/s: neither
   * system says how much of what it holds has been read. So a server that reads slower than that
   * may be taken for a dead one while it has megabytes to read, unless it sends something itself;
   * for such a server choose a longer timeout.
   *
   * @param timeout positive, at most 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is not positive, or above 365 days
   */
  public WebSocketBuilder pingTimeout(Duration timeout) {
    pingTimeout = Check.positive(name(), "the ping timeout", timeout);
    return this;
  }

  /**
   * Sends no pings by itself.
   *
   * @return this builder
   */
  public WebSocketBuilder noPings() {
    pingInterval = Optional.empty();
    return this;
  }

  /**
   * Takes text messages. If this method is not invoked, they are dropped.
   *
   * @param callback called on the callback executor, with a whole message
   * @return this builder
   */
  public WebSocketBuilder onText(BiConsumer<? super WebSocketConnection, String> callback) {
    onText = Check.given(name(), "callback", callback);
    return this;
  }

  /**
   * Takes binary messages; each buffer is the callback's own. If this method is not invoked, they
   * are dropped.
   *
   * @param callback called on the callback executor, with a whole message, from the position to the
   *     limit of the buffer
   * @return this builder
   */
  public WebSocketBuilder onBinary(BiConsumer<? super WebSocketConnection, ByteBuffer> callback) {
    onBinary = Check.given(name(), "callback", callback);
    return this;
  }

  /**
   * Hears of the answers to {@link WebSocketSender#sendPing} whose data was not empty. If this
   * method is not invoked, nobody does.
   *
   * @param callback called on the callback executor, with the data of the ping
   * @return this builder
   */
  public WebSocketBuilder onPong(BiConsumer<? super WebSocketConnection, ByteBuffer> callback) {
    onPong = Check.given(name(), "callback", callback);
    return this;
  }

  /**
   * Says through which proxies to connect, and in which order they are tried. It is asked for each
   * attempt, on a thread of the library, of URLs such as {@code https://host:port}, since the
   * platform's own selectors know no WebSockets, and proxies for HTTPS open tunnels (RFC 6455,
   * section 4.1). An HTTP proxy is asked for a tunnel (CONNECT), a SOCKS proxy must speak version
   * 5; both look the host's name up themselves. What the handle tells as the remote address is then
   * the proxy's. If this method is not invoked, the registry's selector.
   *
   * @param selector may block, up to the connect timeout; what it throws fails the attempt
   * @return this builder
   */
  public WebSocketBuilder proxySelector(ProxySelector selector) {
    proxySelector = Optional.of(Check.given(name(), "selector", selector));
    return this;
  }

  /**
   * Tells proxies who the app is. If this method is not invoked, the registry's authenticator.
   *
   * @param authenticator may block, up to the connect timeout; what it throws fails the attempt
   * @return this builder
   */
  public WebSocketBuilder proxyAuthenticator(ProxyAuthenticator authenticator) {
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
  public WebSocketBuilder onOpen(Consumer<? super WebSocketConnection> callback) {
    Check.given(name(), "callback", callback);
    return onNewOpen(connection -> callback.accept((WebSocketConnection) connection));
  }

  /**
   * The app's own opening on each new socket, such as a sign-in or the subscriptions. What it sends
   * goes out first; all other sends are refused until its stage completes. What the server answers
   * comes through the ordinary callbacks. If the stage fails, or takes longer than the timeout, the
   * attempt has failed. It runs on the callback executor. If this method is not invoked, there is
   * none.
   *
   * @param timeout how long it may take; positive
   * @param opening gets where to send, valid for this one socket
   * @return this builder
   */
  public WebSocketBuilder prepare(
      Duration timeout, Function<? super WebSocketSender, ? extends CompletionStage<?>> opening) {
    prepareTimeout = Check.positive(name(), "the prepare timeout", timeout);
    this.opening = Check.given(name(), "opening", opening);
    return this;
  }

  /**
   * Registers the connection, which connects at once if it is wanted.
   *
   * @return the connection, which lives until it or the registry is closed
   * @throws IllegalStateException if {@code connectTo} was not invoked, or the registry is closed
   * @throws IllegalArgumentException if the name is taken, or {@link #tls} says what can't be
   */
  public WebSocketConnection register() {
    WebSocketOptions options =
        new WebSocketOptions(
            requestSource(),
            TlsClient.of(name(), tls),
            compression,
            redirects,
            new StreamOptions(
                new TransportOptions(localAddress, noDelay, keepAlive, sendBuffer, receiveBuffer),
                Optional.empty(),
                Optional.empty()),
            subprotocols,
            connectTimeout,
            handshakeTimeout,
            maxMessageBytes,
            pingInterval,
            pingTimeout);
    LinkOptions link =
        new LinkOptions(
            name(),
            ConnectionKind.WEBSOCKET,
            priority(),
            connectTimeout.plus(handshakeTimeout).multipliedBy(1L + redirects),
            prepareTimeout,
            retryPolicy().orElse(engine.environment().settings().retryPolicy()),
            engine
                .environment()
                .settings()
                .reach()
                .withDns(dns())
                .withProxies(proxySelector, proxyAuthenticator));
    WebSocketHandle handle =
        new WebSocketHandle(
            engine,
            link,
            options,
            new WebSocketHandle.Callbacks(onText, onBinary, onPong),
            opening);
    listeners().forEach(handle::addListener);
    return engine.register(handle);
  }

  private RequestSource requestSource() {
    URI fixedUrl = url;
    Callable<URI> freshUrl = urlSupplier;
    Callable<Map<String, List<String>>> freshHeaders = headers;
    if (fixedUrl != null && freshHeaders == null) {
      return new RequestSource.Known(Request.checked(name(), fixedUrl, fixedHeaders), fixedUrl);
    } else if (freshUrl == null) {
      if (fixedUrl == null) {
        throw new IllegalStateException(name() + ": where to? connectTo(url) is missing");
      }
      freshUrl = () -> fixedUrl;
    }
    return new RequestSource.Asked(
        Optional.ofNullable(fixedUrl),
        freshUrl,
        Map.copyOf(fixedHeaders),
        freshHeaders == null ? Map::of : freshHeaders);
  }
}
