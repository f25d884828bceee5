package io.dormouse.websocket;

import io.dormouse.check.Check;
import io.dormouse.connection.ConnectionBuilder;
import io.dormouse.connection.ConnectionHost;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.engine.Engine;
import io.dormouse.engine.LinkOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private final Map<String, String> fixedHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private @Nullable Callable<Map<String, String>> headers;
  private List<String> subprotocols = List.of();
  private Duration connectTimeout = TEN_SECONDS;
  private Duration handshakeTimeout = TEN_SECONDS;
  private Duration prepareTimeout = TEN_SECONDS;
  private int maxMessageBytes = 16 << 20;
  private Optional<Duration> pingInterval = THIRTY_SECONDS;
  private Duration pingTimeout = TEN_SECONDS;
  private BiConsumer<? super WebSocketConnection, String> onText = (connection, text) -> {};
  private BiConsumer<? super WebSocketConnection, ByteBuffer> onBinary = (connection, data) -> {};
  private BiConsumer<? super WebSocketConnection, ByteBuffer> onPong = (connection, data) -> {};
  private @Nullable Function<? super WebSocketSender, ? extends CompletionStage<?>> opening;

  /**
   * Apps get their builders from the registry's method {@code webSocket}.
   *
   * @param host what only the registry has
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
   * Connects to a URL such as {@code ws://chat.example.com/v1}.
   *
   * @throws IllegalArgumentException if it is not a ws URL with a host, or has user info or a
   *     fragment
   */
  public WebSocketBuilder connectTo(String url) {
    Objects.requireNonNull(url, "url");
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
   * If it throws, or gives what is not a ws URL, that attempt has failed. Replaces the URL of an
   * earlier call.
   */
  public WebSocketBuilder connectTo(Callable<URI> url) {
    this.urlSupplier = Objects.requireNonNull(url, "url");
    this.url = null;
    return this;
  }

  /**
   * Sends a header with each handshake. The same name again replaces the value.
   *
   * @throws IllegalArgumentException if the name is not one or is the handshake's own, or the value
   *     has a line break or is not ASCII
   */
  public WebSocketBuilder header(String name, String value) {
    Request.checkHeader(name(), name, value);
    fixedHeaders.put(name, value);
    return this;
  }

  /**
   * Sends what the supplier gives with each handshake, besides the fixed headers, of which it
   * replaces those of the same name. It is asked anew for each attempt, on a worker thread, which
   * is how a token stays fresh. If it throws, that attempt has failed.
   */
  public WebSocketBuilder headers(Callable<Map<String, String>> headers) {
    this.headers = Objects.requireNonNull(headers, "headers");
    return this;
  }

  /**
   * Offers subprotocols, the preferred one first. The server may choose one or none.
   *
   * @throws IllegalArgumentException if one is not a token, or is there twice (RFC 6455, section
   *     4.1)
   */
  public WebSocketBuilder subprotocols(String... names) {
    for (String subprotocol : names) {
      Request.checkToken(name(), "a subprotocol", subprotocol);
    }
    if (Set.copyOf(List.of(names)).size() < names.length) {
      throw new IllegalArgumentException(name() + ": a subprotocol is offered twice");
    }
    subprotocols = List.of(names);
    return this;
  }

  /** How long look-up and connect may take. If this method is not invoked, 10 s. */
  public WebSocketBuilder connectTimeout(Duration timeout) {
    connectTimeout = Check.positive(name(), "the connect timeout", timeout);
    return this;
  }

  /** How long the server may take to answer the handshake. If this method is not invoked, 10 s. */
  public WebSocketBuilder handshakeTimeout(Duration timeout) {
    handshakeTimeout = Check.positive(name(), "the handshake timeout", timeout);
    return this;
  }

  /**
   * The longest message that is received; a longer one ends the connection with 1009. If this
   * method is not invoked, 16 MiB, which is what OkHttp queues at most.
   *
   * @param bytes from 1 to 2^30
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
   * @param interval from an answer to the next ping; positive
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
   * @param timeout positive
   */
  public WebSocketBuilder pingTimeout(Duration timeout) {
    pingTimeout = Check.positive(name(), "the ping timeout", timeout);
    return this;
  }

  /** Sends no pings by itself. */
  public WebSocketBuilder noPings() {
    pingInterval = Optional.empty();
    return this;
  }

  /** Takes text messages. If this method is not invoked, they are dropped. */
  public WebSocketBuilder onText(BiConsumer<? super WebSocketConnection, String> callback) {
    onText = Objects.requireNonNull(callback, "callback");
    return this;
  }

  /**
   * Takes binary messages; each buffer is the callback's own. If this method is not invoked, they
   * are dropped.
   */
  public WebSocketBuilder onBinary(BiConsumer<? super WebSocketConnection, ByteBuffer> callback) {
    onBinary = Objects.requireNonNull(callback, "callback");
    return this;
  }

  /** Hears of the answers to {@link WebSocketSender#sendPing} whose data was not empty. */
  public WebSocketBuilder onPong(BiConsumer<? super WebSocketConnection, ByteBuffer> callback) {
    onPong = Objects.requireNonNull(callback, "callback");
    return this;
  }

  /** Is called each time the connection has opened on a new socket. */
  public WebSocketBuilder onOpen(Consumer<? super WebSocketConnection> callback) {
    Objects.requireNonNull(callback, "callback");
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
   */
  public WebSocketBuilder prepare(
      Duration timeout, Function<? super WebSocketSender, ? extends CompletionStage<?>> opening) {
    prepareTimeout = Check.positive(name(), "the prepare timeout", timeout);
    this.opening = Objects.requireNonNull(opening, "opening");
    return this;
  }

  /**
   * Registers the connection, which connects at once if it is wanted.
   *
   * @throws IllegalStateException if {@code connectTo} was not invoked, or the registry is closed
   * @throws IllegalArgumentException if the name is taken
   */
  public WebSocketConnection register() {
    WebSocketOptions options =
        new WebSocketOptions(
            requestSource(),
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
            connectTimeout.plus(handshakeTimeout),
            prepareTimeout,
            retryPolicy().orElse(engine.environment().settings().retryPolicy()));
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
    Callable<Map<String, String>> freshHeaders = headers;
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
