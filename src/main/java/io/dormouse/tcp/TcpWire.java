package io.dormouse.tcp;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.TlsSession;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.engine.SendingWire;
import io.dormouse.network.Endpoint;
import io.dormouse.stream.LentBuffer;
import io.dormouse.stream.Stream;
import io.dormouse.stream.StreamListener;
import io.dormouse.stream.StreamOptions;
import io.dormouse.tls.TlsClient;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream whose bytes are the app's own. */
final class TcpWire implements SendingWire<ByteBuffer>, StreamListener {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private final Generation generation;
  private final Endpoint endpoint;
  private final Optional<TlsClient> tls;
  private final Input input;
  private final Stream stream;

  TcpWire(
      Generation generation,
      StreamOptions options,
      Endpoint endpoint,
      Optional<TlsClient> tls,
      Function<Consumer<CloseReason>, Input> input) {
    this.generation = generation;
    this.endpoint = endpoint;
    this.tls = tls;
    this.input = input.apply(this::failSoon);
    this.stream = new Stream(generation, options, this);
  }

  @Override
  public void connect() {
    if (tls.isPresent()) {
      stream.dial(generation.connectTimeoutNanos(), endpoint, () -> tls);
    } else {
      stream.dial(generation.connectTimeoutNanos(), endpoint);
    }
  }

  @Override
  public void connected() {
    generation.connected();
  }

  @Override
  public void send(Outgoing<ByteBuffer> message) {
    stream.write(message.payload(), message, true);
  }

  @Override
  public boolean received(ByteBuffer bytes) {
    LentBuffer lent = input.borrow(stream, bytes.remaining());
    if (lent != null) {
      return generation.deliver(
          bytes.remaining(), () -> input.received(lent.bytes()), () -> input.giveBack(lent));
    }
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return generation.deliver(copy.length, () -> input.received(ByteBuffer.wrap(copy)));
  }

  /** The answer to the peer's last bytes may be made by a callback that has not run yet. */
  @Override
  public boolean inputEnded() {
    generation.deliver(0, this::lastDelivered);
    return true;
  }

  /** Runs after all callbacks that were delivered before. Not on the loop. */
  private void lastDelivered() {
    try {
      input.ended();
    } finally {
      onLoop(stream::answered); // after what they have sent
    }
  }

  /** What came makes no sense to the app. Not on the loop. */
  private void failSoon(CloseReason reason) {
    onLoop(() -> stream.writeAndClose(reason)); // after what was sent in answer to what came before
  }

  private void onLoop(Runnable task) {
    try {
      generation.loop().execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("{}: the registry has ended", generation.connectionName(), e);
    }
  }

  @Override
  public void flush() {
    stream.flush();
  }

  @Override
  public void unflush() {
    stream.unflush();
  }

  @Override
  public void flushed() {
    generation.flushed();
  }

  @Override
  public void closeGracefully(CloseReason why, long deadlineNanos) {
    stream.finish();
  }

  @Override
  public void finished() {
    generation.closed();
  }

  @Override
  public void failed(CloseReason reason) {
    generation.ended(reason);
  }

  @Override
  public void abort() {
    stream.abort();
  }

  @Override
  public void resumeReading() {
    stream.resumeReading();
  }

  @Override
  public int openSockets() {
    return stream.openSockets();
  }

  /** Any thread. */
  Optional<TlsSession> tlsSession() {
    return stream.tlsSession();
  }

  /** Any thread. */
  Optional<InetSocketAddress> localAddress() {
    return stream.localAddress();
  }

  /** Any thread. */
  Optional<InetSocketAddress> remoteAddress() {
    return stream.remoteAddress();
  }
}
