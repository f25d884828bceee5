package io.dormouse.tcp;

import io.dormouse.check.Check;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.TlsSession;
import io.dormouse.engine.Engine;
import io.dormouse.engine.Generation;
import io.dormouse.engine.LinkOptions;
import io.dormouse.engine.SendingConnection;
import io.dormouse.engine.SendingWire;
import io.dormouse.network.Endpoint;
import io.dormouse.stream.BorrowedBytes;
import io.dormouse.stream.StreamOptions;
import io.dormouse.tls.TlsClient;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The handle of a TCP connection. */
final class TcpHandle extends SendingConnection<ByteBuffer> implements TcpConnection {
  private final StreamOptions options;
  private final Endpoint endpoint;
  private final Optional<TlsClient> tls;
  private final InputMaker inputs;
  private final @Nullable Function<? super TcpSender, ? extends CompletionStage<?>> opening;

  TcpHandle(
      Engine engine,
      LinkOptions link,
      StreamOptions options,
      Endpoint endpoint,
      Optional<TlsClient> tls,
      InputMaker inputs,
      @Nullable Function<? super TcpSender, ? extends CompletionStage<?>> opening) {
    super(engine, link);
    this.options = options;
    this.endpoint = endpoint;
    this.tls = tls;
    this.inputs = inputs;
    this.opening = opening;
  }

  @Override
  protected SendingWire<ByteBuffer> newWire(Generation generation) {
    return new TcpWire(generation, options, endpoint, tls, fail -> inputs.make(this, fail));
  }

  /** Makes what takes the bytes of one generation. */
  interface InputMaker {
    /**
     * Makes it.
     *
     * @param fail ends the generation; any thread
     */
    Input make(TcpConnection connection, Consumer<CloseReason> fail);
  }

  @Override
  protected @Nullable Function<Long, CompletionStage<?>> preparation() {
    Function<? super TcpSender, ? extends CompletionStage<?>> mine = opening;
    if (mine == null) {
      return null;
    }
    return generation -> {
      TcpSender sender =
          bytes -> {
            Check.given(name(), "bytes", bytes);
            return submitPreparing(BorrowedBytes.keep(bytes), bytes.remaining(), generation);
          };
      return mine.apply(sender);
    };
  }

  @Override
  public Optional<InetSocketAddress> target() {
    return endpoint instanceof Endpoint.Known known
        ? Optional.of(known.address())
        : Optional.empty();
  }

  @Override
  public CompletableFuture<Void> send(ByteBuffer bytes) {
    Check.given(name(), "bytes", bytes);
    return submit(BorrowedBytes.keep(bytes), bytes.remaining());
  }

  @Override
  public Optional<TlsSession> tlsSession() {
    return liveWire() instanceof TcpWire tcp ? tcp.tlsSession() : Optional.empty();
  }

  @Override
  public Optional<InetSocketAddress> localAddress() {
    return liveWire() instanceof TcpWire tcp ? tcp.localAddress() : Optional.empty();
  }

  @Override
  public Optional<InetSocketAddress> remoteAddress() {
    return liveWire() instanceof TcpWire tcp ? tcp.remoteAddress() : Optional.empty();
  }
}
