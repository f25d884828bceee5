package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.SendFailedException;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.loop.InlineRuns;
import io.dormouse.loop.ManualLoop;
import io.dormouse.support.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which sends are written directly, and what becomes of those. */
class DirectWriteTest {
  private final Rig rig = new Rig();

  /** On a loop that never runs: their watch over stuck threads is no part of this. */
  private final Callbacks workers =
      Callbacks.withOwnThreads(new ManualLoop(), InlineRuns.NEVER, "direct-test", Optional.empty());

  private final FakeDirectWrite direct = new FakeDirectWrite();
  private FakeConnection connection;

  @BeforeEach
  void open() {
    connection = rig.prepared("a").answer(Step.SEND, Answer.LATER);
    connection.direct = direct;
    rig.register(connection);
    rig.front();
  }

  @AfterEach
  void nothingStaysBehind() throws InterruptedException {
    rig.close();
    workers.shutdown();
    assertThat(workers.awaitEnd(30, TimeUnit.SECONDS)).isTrue();
  }

  /** Sends on a worker's thread; the loop runs no sooner than the test lets it. */
  private CompletableFuture<Void> sendOnWorker(String text) {
    CompletableFuture<CompletableFuture<Void>> sent = new CompletableFuture<>();
    workers
        .serial("test")
        .execute(
            () -> {
              try {
                sent.complete(connection.send(text));
              } catch (Throwable e) {
                sent.completeExceptionally(e);
              }
            });
    return Await.get(sent);
  }

  @Test
  void aCallbacksSendIsWrittenDirectly() {
    CompletableFuture<Void> sent = sendOnWorker("hello");
    assertThat(sent).isCompleted();
    assertThat(direct.written).hasToString("hello");
    assertThat(direct.occupied).isFalse();
    assertThat(connection.snapshot().bytesOut()).isEqualTo(5);
    assertThat(rig.loop.pendingTasks()).isZero();
  }

  @Test
  void anotherThreadsSendGoesByTheLoop() {
    CompletableFuture<Void> sent = connection.send("hello");
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(rig.value(sent)).isNull();
    assertThat(direct.written).isEmpty();
  }

  @Test
  void whoIsNotLetInGoesByTheLoop() {
    direct.shut = true;
    CompletableFuture<Void> sent = sendOnWorker("hello");
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(rig.value(sent)).isNull();
    assertThat(connection.received).containsExactly("hello");
  }

  @Test
  void whatWasAcceptedBeforeIsNotOvertaken() {
    CompletableFuture<Void> first = connection.send("first");
    CompletableFuture<Void> second = sendOnWorker("second");
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(connection.received).containsExactly("first", "second");
    assertThat(direct.written).isEmpty();
  }

  @Test
  void nothingIsWrittenOnceTheGateIsShut() {
    direct.onceIn = rig::back;
    assertThat(rig.failure(sendOnWorker("too late"))).isInstanceOf(NotOpenException.class);
    assertThat(direct.written).isEmpty();
    assertThat(direct.occupied).isFalse();
  }

  @Test
  void whatIsLeftIsHandedToTheLoop() {
    direct.takes = 2;
    CompletableFuture<Void> sent = sendOnWorker("hello");
    assertThat(sent).isNotDone();
    assertThat(direct.occupied).isTrue();
    assertThat(rig.value(sent)).isNull();
    assertThat(direct.written).hasToString("he|llo");
    assertThat(direct.occupied).isFalse();
  }

  @Test
  void whatIsLeftOfAnEndedGenerationFails() {
    direct.takes = 2;
    CloseReason lost = CloseReason.of(Kind.NETWORK_LOST);
    direct.onWrite = () -> rig.onLoop(() -> connection.wire().end(lost));
    Throwable failure = rig.failure(sendOnWorker("hello"));
    assertThat(failure).isInstanceOf(SendFailedException.class);
    assertThat(((SendFailedException) failure).partlyWritten()).isTrue();
    assertThat(failure).hasMessageContaining(Kind.NETWORK_LOST.toString());
  }

  @Test
  void aBurstGoesByTheLoopUntilSomethingIsDelivered() {
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      sends.add(sendOnWorker("x"));
    }
    assertThat(direct.written).hasSize(8);
    rig.onLoop(() -> connection.wire().writeAll());
    assertThat(sends).allMatch(CompletableFuture::isDone);
    assertThat(connection.received).hasSize(2);

    rig.onLoop(() -> connection.wire().receive("answer"));
    assertThat(sendOnWorker("y")).isCompleted();
    assertThat(direct.written).hasSize(9);
  }
}
