package io.dormouse.websocket;

import io.dormouse.check.Check;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.TlsSession;
import io.dormouse.engine.Engine;
import io.dormouse.engine.Generation;
import io.dormouse.engine.LinkOptions;
import io.dormouse.engine.SendingConnection;
import io.dormouse.engine.SendingWire;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The handle of a WebSocket. */
final class WebSocketHandle extends SendingConnection<Message> implements WebSocketConnection {
  /** RFC 6455, section 5.5. */
  private static final int LONGEST_PING = 125;

  private final WebSocketOptions options;
  private final Executor computing;
  private final Callbacks callbacks;
  private final @Nullable Function<? super WebSocketSender, ? extends CompletionStage<?>> opening;
  private volatile @Nullable CloseMessage appsClose;
  private volatile @Nullable HandshakeResponse latestResponse; // to the latest attempt

  /** The app's callbacks. */
  record Callbacks(
      BiConsumer<? super WebSocketConnection, String> onText,
      BiConsumer<? super WebSocketConnection, ByteBuffer> onBinary,
      BiConsumer<? super WebSocketConnection, ByteBuffer> onPong) {}

  WebSocketHandle(
      Engine engine,
      LinkOptions link,
      WebSocketOptions options,
      Callbacks callbacks,
      @Nullable Function<? super WebSocketSender, ? extends CompletionStage<?>> opening) {
    super(engine, link);
    this.options = options;
    this.computing = engine.environment().callbacks().computing();
    this.callbacks = callbacks;
    this.opening = opening;
  }

  @Override
  protected SendingWire<Message> newWire(Generation generation) {
    latestResponse = null;
    return new WebSocketWire(generation, options, computing, new Events(), this::closeMessage);
  }

  private CloseMessage closeMessage(CloseReason why) {
    CloseMessage own = appsClose;
    return own != null ? own : CloseMessage.of(why);
  }

  @Override
  protected @Nullable Function<Long, CompletionStage<?>> preparation() {
    Function<? super WebSocketSender, ? extends CompletionStage<?>> mine = opening;
    return mine == null ? null : generation -> mine.apply(new OpeningSender(generation));
  }

  @Override
  public CompletableFuture<Void> sendText(String text) {
    return submit(Message.text(Check.given(name(), "text", text)));
  }

  @Override
  public CompletableFuture<Void> sendBinary(ByteBuffer data) {
    return submit(Message.binary(Check.given(name(), "data", data)));
  }

  @Override
  public CompletableFuture<Void> sendPing(ByteBuffer data) {
    return submit(ping(data));
  }

  private CompletableFuture<Void> submit(Message message) {
    return submit(prepared(message), message.size());
  }

  /**
   * What will be refused at once need not be prepared, and what may be compressed waits for its
   * turn.
   */
  private Message prepared(Message message) {
    boolean early = !options.compression().isPresent() && state().mayHoldSocket();
    return early ? message.prepared() : message;
  }

  private Message ping(ByteBuffer data) {
    if (Check.given(name(), "data", data).remaining() > LONGEST_PING) {
      throw new IllegalArgumentException(
          name() + ": a ping has at most 125 bytes, not " + data.remaining());
    }
    return Message.ping(data);
  }

  @Override
  public Optional<String> subprotocol() {
    return handshakeResponse()
        .filter(response -> response.isOpening() && liveWire() != null)
        .flatMap(response -> response.header("Sec-WebSocket-Protocol"))
        .filter(chosen -> !chosen.isEmpty());
  }

  @Override
  public Optional<HandshakeResponse> handshakeResponse() {
    return Optional.ofNullable(latestResponse);
  }

  @Override
  public Optional<URI> url() {
    return options.request().knownUrl();
  }

  @Override
  public Optional<TlsSession> tlsSession() {
    return liveWire() instanceof WebSocketWire wire ? wire.tlsSession() : Optional.empty();
  }

  @Override
  public Optional<InetSocketAddress> localAddress() {
    return liveWire() instanceof WebSocketWire wire ? wire.localAddress() : Optional.empty();
  }

  @Override
  public Optional<InetSocketAddress> remoteAddress() {
    return liveWire() instanceof WebSocketWire wire ? wire.remoteAddress() : Optional.empty();
  }

  @Override
  public void close(int code, String reason) {
    appsClose = CloseMessage.checked(name(), code, reason);
    close();
  }

  /** Sends that belong to the opening of one generation. */
  private final class OpeningSender implements WebSocketSender {
    private final long generation;

    OpeningSender(long generation) {
      this.generation = generation;
    }

    @Override
    public CompletableFuture<Void> sendText(String text) {
      return submit(Message.text(Check.given(name(), "text", text)));
    }

    @Override
    public CompletableFuture<Void> sendBinary(ByteBuffer data) {
      return submit(Message.binary(Check.given(name(), "data", data)));
    }

    @Override
    public CompletableFuture<Void> sendPing(ByteBuffer data) {
      return submit(ping(data));
    }

    private CompletableFuture<Void> submit(Message message) {
      return submitPreparing(prepared(message), message.size(), generation);
    }
  }

  private final class Events implements WebSocketEvents {
    @Override
    public void answered(HandshakeResponse response) {
      latestResponse = response;
    }

    @Override
    public void text(String text) {
      callbacks.onText().accept(WebSocketHandle.this, text);
    }

    @Override
    public void binary(ByteBuffer data) {
      callbacks.onBinary().accept(WebSocketHandle.this, data);
    }

    @Override
    public void pong(ByteBuffer data) {
      callbacks.onPong().accept(WebSocketHandle.this, data);
    }
  }
}
