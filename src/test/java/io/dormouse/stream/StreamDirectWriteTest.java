package io.dormouse.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.DirectWrite;
import io.dormouse.engine.Outgoing;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.network.Endpoint;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * While a sender has the write ownership, the loop waits for it with all that it would write or
 * say.
 */
class StreamDirectWriteTest {
  private final RawServer server = new RawServer();
  private final SelectorLoop loop = SelectorLoop.start("dormouse-direct-write-test", () -> {});
  private final Told told = new Told();
  private final Stream stream =
      new Stream(new FakeGeneration("direct write test", loop), StreamOptions.standard(), told);
  private Socket peer;
  private DirectWrite<ByteBuffer> direct;
  private Inside sender;

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
    direct = onLoop(() -> stream.directWrite(bytes -> bytes));
    sender = new Inside();
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

  /** Returns when the loop has ended the iteration in which the work was done. */
  private void onLoopAndToTheIterationsEnd(Runnable work) {
    onLoop(
        () -> {
          work.run();
          return null;
        });
    onLoop(() -> "the next iteration");
  }

  @Test
  void theLoopWritesAfterTheSenderThatIsInside() throws IOException {
    sender.enter("sender, ");
    onLoopAndToTheIterationsEnd(() -> stream.write(bytes("loop")));
    sender.goOn();
    assertThat(read(12)).isEqualTo("sender, loop");
  }

  @Test
  void theRestOfASendersMessageGoesBeforeWhatTheLoopHas() throws IOException {
    String much = "x".repeat(32 << 20); // more than the system takes at once
    sender.enter(much);
    onLoopAndToTheIterationsEnd(() -> stream.write(bytes("loop")));
    sender.goOn();
    assertThat(read(much.length() + 4)).isEqualTo(much + "loop");
    assertThat(sender.leftOver).isTrue();
    assertThat(isLetIn()).isTrue();
  }

  @Test
  void nothingIsFlushedBeforeTheSenderIsOut() {
    sender.enter("");
    onLoopAndToTheIterationsEnd(stream::flush);
    assertThat(told.flushed).isNotDone();
    sender.goOn();
    Await.get(told.flushed);
    assertThat(isLetIn()).as("the gate is shut").isFalse();
  }

  @Test
  void ourFinWaitsForTheSender() throws IOException {
    sender.enter("last words");
    onLoopAndToTheIterationsEnd(stream::finish);
    sender.goOn();
    assertThat(read(10)).isEqualTo("last words");
    assertThat(peer.getInputStream().read()).as("our FIN").isEqualTo(-1);
    peer.close();
    Await.get(told.finished);
  }

  /** Such as a close frame that says what was wrong, while a callback sends. */
  @Test
  void theLastWordsAreNotDroppedForASenderThatIsInside() throws IOException {
    sender.enter("sender, ");
    onLoopAndToTheIterationsEnd(
        () -> {
          stream.write(bytes("last words"));
          stream.writeAndClose(CloseReason.of(CloseReason.Kind.PROTOCOL_ERROR));
        });
    sender.goOn();
    assertThat(read(18)).isEqualTo("sender, last words");
    assertThat(peer.getInputStream().read()).as("our FIN").isEqualTo(-1);
  }

  /** Such as the answer to a ping, and that of a callback to the message behind the ping. */
  @Test
  void whatWaitsForTheEndOfTheIterationIsNotOvertaken() throws IOException {
    boolean letIn =
        onLoop(
            () -> {
              stream.write(bytes("loop"));
              return isLetIn();
            });
    assertThat(letIn).isFalse();
    assertThat(read(4)).isEqualTo("loop");
  }

  @Test
  void sendersWriteAgainWhenTheLoopHasWrittenAll() throws IOException {
    onLoopAndToTheIterationsEnd(() -> stream.write(bytes("loop")));
    assertThat(read(4)).isEqualTo("loop");
    assertThat(isLetIn()).isTrue();
  }

  @Test
  void theAppComingBackLetsSendersWriteAgain() {
    onLoopAndToTheIterationsEnd(stream::flush);
    assertThat(isLetIn()).isFalse();
    onLoopAndToTheIterationsEnd(stream::unflush);
    assertThat(isLetIn()).isTrue();
  }

  @Test
  void anAbortDoesNotWaitForTheSenderAndNobodyIsLetInAfterIt() {
    sender.enter("late");
    onLoopAndToTheIterationsEnd(stream::abort);
    assertThat(onLoop(stream::openSockets)).isZero();
    sender.goOn();
    assertThat(sender.leftOver).isTrue();
    onLoop(() -> "the ownership is the loop's");
    assertThat(isLetIn()).isFalse();
  }

  @Test
  void nobodyIsLetInAfterTheEnd() {
    assertThat(isLetIn()).isTrue();
    onLoopAndToTheIterationsEnd(stream::abort);
    assertThat(isLetIn()).isFalse();
  }

  /** On some systems the interrupt of a thread that writes to a channel closes the channel. */
  @Test
  void anInterruptedThreadLeavesItsSendToTheLoop() {
    sender.goOn.countDown();
    Thread.currentThread().interrupt();
    CompletableFuture<Void> sent = direct.write(bytes("x"), 1, sender);
    assertThat(Thread.interrupted()).as("is none of our business").isTrue();
    assertThat(sent).isNull();
    assertThat(isLetIn()).isTrue();
  }

  /** The system may say only once what is wrong with a socket. */
  @Test
  void theLoopTellsWhatASenderHasMet() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    DirectWrite<ByteBuffer> failing = rig.stream.directWrite(bytes -> bytes);
    transport.writeFailure = new IOException("Connection reset by peer");
    List<Consumer<Outgoing<ByteBuffer>>> rests = new ArrayList<>();
    Inside other =
        new Inside() {
          @Override
          public CompletableFuture<Void> leftOver(
              ByteBuffer payload, int size, boolean partly, Consumer<Outgoing<ByteBuffer>> rest) {
            rests.add(rest);
            return new CompletableFuture<>();
          }
        };
    other.goOn.countDown();
    assertThat(failing.write(bytes("x"), 1, other)).isNotNull();
    transport.writeFailure = null; // but the socket is gone
    rig.onLoop(() -> rests.get(0).accept(null));
    assertThat(transport.written.size()).isZero();
    assertThat(rig.told.events).containsExactly("failed PEER_RESET");
  }

  /** A sender who refuses, or throws, or can't be encoded, gives the ownership up. */
  @Test
  void aSendThatMeetsAnErrorBeforeItIsWrittenKeepsNobodyOut() {
    DirectWrite<ByteBuffer> broken =
        onLoop(
            () ->
                stream.directWrite(
                    bytes -> {
                      throw new OutOfMemoryError("on purpose");
                    }));
    Inside other = new Inside();
    other.goOn.countDown();
    assertThat(broken.write(bytes("x"), 1, other)).as("goes by the loop").isNull();
    assertThat(isLetIn()).isTrue();
  }

  @Test
  void aSendThatMeetsAnErrorWhileItIsWrittenFailsAndLetsNobodyWriteAfterIt() {
    DirectWrite<ByteBuffer> broken = onLoop(() -> stream.directWrite(bytes -> null));
    DirectWrite<ByteBuffer> thrower = onLoop(() -> stream.directWrite(bytes -> bytes));
    sender.goOn.countDown();
    assertThat(broken.write(bytes("x"), 1, sender)).isNull();
    sender.throwsOnWritten = true;
    assertThat(thrower.write(bytes("x"), 1, sender)).isCompletedExceptionally();
    assertThat(isLetIn()).as("the generation ends").isFalse();
  }

  /** There may be no memory even to say that there is none. */
  @Test
  void aSendThatFailsToFailLetsNobodyWriteAfterIt() {
    StreamRig rig = new StreamRig();
    FakeTransport transport = rig.connect();
    DirectWrite<ByteBuffer> thrower = rig.stream.directWrite(bytes -> bytes);
    Inside other =
        new Inside() {
          @Override
          public CompletableFuture<Void> leftOver(
              ByteBuffer payload, int size, boolean partly, Consumer<Outgoing<ByteBuffer>> rest) {
            throw new OutOfMemoryError("on purpose");
          }

          @Override
          public CompletableFuture<Void> failed(int size, Throwable thrown) {
            throw new OutOfMemoryError("on purpose, again");
          }
        };
    other.goOn.countDown();
    transport.room = 2;
    assertThatThrownBy(() -> thrower.write(bytes("torn"), 4, other)).hasMessageEndingWith("again");
    transport.room = 100;
    rig.loop.execute(() -> rig.stream.write(bytes("what must not follow")));
    rig.loop.run();
    assertThat(transport.written).hasToString("to");
    assertThat(rig.loop.thrown()).as("which ends the generation").hasSize(1);
    rig.loop.execute(rig.stream::abort);
    rig.loop.run();
    assertThat(transport.closed).isTrue();
  }

  /** Whether a sender gets the ownership now. */
  private boolean isLetIn() {
    Inside other = new Inside();
    other.refuses = true;
    other.goOn.countDown();
    CompletableFuture<Void> written = direct.write(bytes("x"), 1, other);
    assertThat(written).isNull();
    return other.entered.getCount() == 0;
  }

  /** A sender that stays inside until the test lets it go on. */
  private class Inside implements DirectWrite.Sender<ByteBuffer> {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    boolean refuses;
    boolean throwsOnWritten;
    volatile boolean leftOver;
    private Thread thread;

    @SuppressWarnings(
        "FutureReturnValueIgnored") // its outcome is what written() and leftOver() say
    void enter(String text) {
      thread = new Thread(() -> direct.write(bytes(text), text.length(), this));
      thread.start();
      Await.latch(entered);
    }

    void goOn() {
      goOn.countDown();
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }

    @Override
    public boolean mayWrite() {
      entered.countDown();
      Await.latch(goOn);
      return !refuses;
    }

    @Override
    public CompletableFuture<Void> written(int size) {
      if (throwsOnWritten) {
        throw new OutOfMemoryError("on purpose");
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> leftOver(
        ByteBuffer payload, int size, boolean partly, Consumer<Outgoing<ByteBuffer>> rest) {
      leftOver = true;
      loop.execute(() -> rest.accept(null));
      return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Void> failed(int size, Throwable thrown) {
      CompletableFuture<Void> failed = new CompletableFuture<>();
      failed.completeExceptionally(thrown);
      return failed;
    }
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
}
