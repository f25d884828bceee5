package io.dormouse.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Shortcut;
import io.dormouse.loop.Loop;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** While a sender has the lane, the loop waits for it with all that it would write or say. */
class StreamLaneTest {
  private final RawServer server = new RawServer();
  private final SelectorLoop loop = SelectorLoop.start("dormouse-lane-test", () -> {});
  private final Told told = new Told();
  private final Stream stream =
      new Stream(new OneGeneration(), StreamOptions.standard(), told, Stream.Memory.DIRECT);
  private Socket peer;
  private Shortcut<ByteBuffer> shortcut;

  @BeforeEach
  void connect() {
    onLoop(
        () -> {
          stream.dial(
              TimeUnit.SECONDS.toNanos(30),
              new Endpoint.Known(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port())));
          return null;
        });
    Await.get(told.connected);
    peer = server.next();
    shortcut = onLoop(() -> stream.shortcut(bytes -> bytes));
    assertThat(shortcut.enter()).isTrue();
  }

  @AfterEach
  void end() throws InterruptedException {
    onLoop(
        () -> {
          stream.abort();
          return null;
        });
    loop.stop();
    assertThat(loop.awaitEnd(30, TimeUnit.SECONDS)).isTrue();
    server.close();
  }

  private <T> T onLoop(Callable<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            done.complete(work.call());
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    return Await.get(done);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private String read(int length) throws IOException {
    return new String(peer.getInputStream().readNBytes(length), US_ASCII);
  }

  /** Returns when the loop has ended the round in which the work was done. */
  private void onLoopAndThroughTheRound(Runnable work) {
    onLoop(
        () -> {
          work.run();
          return null;
        });
    onLoop(() -> "the next round");
  }

  @Test
  void theLoopWritesAfterTheSenderThatIsInside() throws IOException {
    onLoopAndThroughTheRound(() -> stream.write(bytes("loop")));
    shortcut.write(bytes("sender, "));
    shortcut.leave();
    assertThat(read(12)).isEqualTo("sender, loop");
  }

  @Test
  void theRestOfASendersMessageGoesBeforeWhatTheLoopHas() throws IOException {
    onLoopAndThroughTheRound(() -> stream.write(bytes("loop")));
    onLoopAndThroughTheRound(() -> stream.takeOver(null, bytes("rest, ")));
    assertThat(read(10)).isEqualTo("rest, loop");
  }

  @Test
  void nothingIsFlushedBeforeTheSenderIsOut() {
    onLoopAndThroughTheRound(stream::flush);
    assertThat(told.flushed).isNotDone();
    shortcut.leave();
    Await.get(told.flushed);
    assertThat(shortcut.enter()).as("the gate is shut").isFalse();
  }

  @Test
  void theGoodbyeWaitsForTheSender() throws IOException {
    onLoopAndThroughTheRound(stream::finish);
    shortcut.write(bytes("last words"));
    shortcut.leave();
    assertThat(read(10)).isEqualTo("last words");
    assertThat(peer.getInputStream().read()).as("our FIN").isEqualTo(-1);
    peer.close();
    Await.get(told.finished);
  }

  @Test
  void theLaneIsOpenAgainWhenTheLoopHasWrittenAll() throws IOException {
    shortcut.leave();
    onLoopAndThroughTheRound(() -> stream.write(bytes("loop")));
    assertThat(read(4)).isEqualTo("loop");
    assertThat(shortcut.enter()).isTrue();
    shortcut.leave();
  }

  @Test
  void theAppComingBackOpensTheLaneAgain() {
    shortcut.leave();
    onLoopAndThroughTheRound(stream::flush);
    assertThat(shortcut.enter()).isFalse();
    onLoopAndThroughTheRound(stream::unflush);
    assertThat(shortcut.enter()).isTrue();
    shortcut.leave();
  }

  @Test
  void anAbortDoesNotWaitForTheSenderAndNobodyIsLetInAfterIt() {
    onLoopAndThroughTheRound(stream::abort);
    assertThat(onLoop(stream::openSockets)).isZero();
    ByteBuffer late = bytes("late");
    shortcut.write(late);
    assertThat(late.remaining()).isEqualTo(4);
    shortcut.leave();
    onLoop(() -> "the lane is returned");
    assertThat(shortcut.enter()).isFalse();
  }

  /** What the stream has told. */
  private static final class Told implements StreamListener {
    private final CompletableFuture<Boolean> connected = new CompletableFuture<>();
    private final CompletableFuture<Boolean> flushed = new CompletableFuture<>();
    private final CompletableFuture<Boolean> finished = new CompletableFuture<>();

    @Override
    public void connected() {
      connected.complete(true);
    }

    @Override
    public boolean received(ByteBuffer bytes) {
      return true;
    }

    @Override
    public void flushed() {
      flushed.complete(true);
    }

    @Override
    public void finished() {
      finished.complete(true);
    }

    @Override
    public void failed(CloseReason reason) {
      connected.completeExceptionally(new AssertionError(reason.toString()));
    }
  }

  /** What a stream needs of its generation, which is not much. */
  private final class OneGeneration implements Generation {
    @Override
    public String connectionName() {
      return "lane test";
    }

    @Override
    public Loop loop() {
      return loop;
    }

    @Override
    public long connectTimeoutNanos() {
      return Long.MAX_VALUE;
    }

    @Override
    public void connected() {}

    @Override
    public void flushed() {}

    @Override
    public void softClosed() {}

    @Override
    public void ended(CloseReason reason) {}

    @Override
    public boolean deliver(int bytes, Runnable callback) {
      return true;
    }

    @Override
    public void countReceived(long bytes) {}

    @Override
    public void countSent(long bytes) {}

    @Override
    public <V> void offload(Callable<V> work, Consumer<V> done, Consumer<Exception> failed) {
      throw new UnsupportedOperationException("an address needs no look-up");
    }
  }
}
