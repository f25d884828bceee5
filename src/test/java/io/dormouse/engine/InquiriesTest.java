package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.support.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** At most one look-up and one supplier at a time, whatever comes and goes meanwhile. */
class InquiriesTest {
  private final Rig rig = new Rig();
  private final FakeConnection connection =
      rig.register(rig.prepared("a").answer(Step.CONNECT, Answer.LATER));
  private final AtomicInteger calls = new AtomicInteger();
  private final List<String> told = new ArrayList<>();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  /** A new generation begins; workers don't run by themselves. */
  private void begin() {
    rig.app.front();
    rig.loop.run();
    rig.callbacks.runAll();
    assertThat(connection.state()).isEqualTo(CONNECTING);
  }

  private void end() {
    rig.app.back();
    rig.loop.run();
    assertThat(connection.state()).isEqualTo(SUSPENDED);
  }

  private String counted() {
    return "call " + calls.incrementAndGet();
  }

  private void lookUp(String host, Callable<String> work) {
    FakeWire wire = connection.wire();
    onLoop(
        () ->
            wire.generation.lookUp(
                host,
                work,
                result -> told.add(wire.number + " " + result),
                failure -> told.add(wire.number + " " + failure)));
  }

  private void ask(Callable<String> supplier) {
    FakeWire wire = connection.wire();
    onLoop(
        () ->
            wire.generation.ask(
                supplier,
                result -> told.add(wire.number + " " + result),
                failure -> told.add(wire.number + " " + failure)));
  }

  private void onLoop(Runnable action) {
    rig.loop.execute(action);
    rig.loop.run();
  }

  /** Runs what waits for a thread on one; the test goes on when the first of it has begun. */
  private Thread startWorker(CountDownLatch begun) {
    Thread worker = new Thread(rig.workers::runAll);
    worker.start();
    Await.latch(begun);
    return worker;
  }

  private static void join(Thread thread) {
    try {
      thread.join(Await.LIMIT.toMillis());
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
    assertThat(thread.isAlive()).isFalse();
  }

  /** Work that does not heed interrupts, and tells when it has begun. */
  private Callable<String> stubborn(CountDownLatch begun, CountDownLatch release) {
    return () -> {
      String result = counted();
      begun.countDown();
      while (true) {
        try {
          release.await();
          return result;
        } catch (InterruptedException e) {
          told.add("interrupted");
        }
      }
    };
  }

  @Test
  void aLookUpIsJoinedByTheNextGeneration() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    begin();
    lookUp("host", stubborn(begun, release));
    Thread worker = startWorker(begun);
    for (int i = 0; i < 5; i++) {
      end();
      begin();
      lookUp("host", this::counted);
    }
    release.countDown();
    join(worker);
    rig.run();
    assertThat(told).as("not interrupted, and told to the latest").containsExactly("6 call 1");
    assertThat(calls).hasValue(1);
  }

  @Test
  void aLookUpOfAnotherNameWaitsForTheOneThatRuns() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    begin();
    lookUp("old", stubborn(begun, release));
    Thread worker = startWorker(begun);
    end();
    begin();
    lookUp("new", this::counted);
    assertThat(rig.workers.size()).as("asks for no second thread").isZero();
    release.countDown();
    join(worker);
    rig.run();
    assertThat(told).containsExactly("2 call 2");
  }

  @Test
  void aLookUpWhoseResultNobodyWaitedForIsMadeAgain() {
    begin();
    lookUp("host", this::counted);
    rig.app.back();
    rig.workers.runAll(); // just too late
    end();
    begin();
    lookUp("host", this::counted);
    rig.run();
    assertThat(told).containsExactly("2 call 2");
  }

  @Test
  void whatHasNotBegunWhenItsGenerationEndsNeverBegins() {
    for (int i = 0; i < 1_000; i++) {
      begin();
      lookUp("host", this::counted);
      ask(this::counted);
      end();
    }
    assertThat(rig.workers.size()).as("threads asked for").isLessThan(4);
    rig.run();
    assertThat(calls).hasValue(0);
    begin();
    ask(this::counted);
    rig.run();
    assertThat(told).containsExactly("1001 call 1");
  }

  private void handshake(Callable<String> step) {
    FakeWire wire = connection.wire();
    onLoop(
        () ->
            wire.generation.handshake(
                step,
                result -> told.add(wire.number + " " + result),
                failure -> told.add(wire.number + " " + failure)));
  }

  @Test
  void aStepOfAHandshakeIsNotInterruptedAndTheNextGenerationWaitsForIt() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    begin();
    handshake(stubborn(begun, release));
    Thread worker = startWorker(begun);
    end();
    begin();
    handshake(this::counted);
    assertThat(rig.workers.size()).as("asks for no second thread").isZero();
    release.countDown();
    join(worker);
    rig.run();
    assertThat(told).containsExactly("2 call 2");
  }

  @Test
  void aStepThatHasNotBegunWhenItsGenerationEndsNeverBegins() {
    begin();
    handshake(this::counted);
    end();
    rig.run();
    assertThat(calls).hasValue(0);
    begin();
    lookUp("host", this::counted);
    ask(this::counted);
    handshake(this::counted);
    rig.run();
    assertThat(told).as("none of the three waits for another").hasSize(3);
  }

  @Test
  void aSupplierIsInterruptedWhenItsGenerationEnds() {
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    begin();
    ask(
        () -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.complete(true);
            throw e;
          }
          return "never";
        });
    Thread worker = startWorker(begun);
    end();
    assertThat(Await.get(interrupted)).isTrue();
    join(worker);
    rig.run();
    assertThat(told).isEmpty();
  }

  @Test
  void aSupplierThatIgnoresInterruptsIsTheOnlyOneOverFiveGenerations() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    begin();
    ask(stubborn(begun, release));
    Thread worker = startWorker(begun);
    for (int i = 0; i < 5; i++) {
      end();
      begin();
      ask(this::counted);
    }
    assertThat(calls).hasValue(1);
    assertThat(rig.workers.size()).isZero();
    release.countDown();
    join(worker);
    rig.run();
    assertThat(told).containsExactly("interrupted", "6 call 2");
    assertThat(calls).as("those in between were never called").hasValue(2);
  }

  @Test
  void anInterruptThatComesTooLateIsNotTheNextOnes() {
    begin();
    ask(
        () -> {
          Thread.currentThread().interrupt();
          return counted();
        });
    rig.run();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(told).containsExactly("1 call 1");
  }

  @Test
  void aFailureIsToldAsAnExceptionAndAnErrorInside() {
    begin();
    ask(
        () -> {
          throw new IOException("on purpose");
        });
    rig.run();
    ask(
        () -> {
          throw new NoClassDefFoundError("some/Class");
        });
    rig.run();
    assertThat(told)
        .containsExactly(
            "1 java.io.IOException: on purpose",
            "1 " + new ExecutionException(new NoClassDefFoundError("some/Class")));
  }

  @Test
  void anEndOfAllLeavesNoWorkBehind() {
    begin();
    ask(this::counted);
    lookUp("host", this::counted);
    connection.close();
    rig.run();
    assertThat(calls).hasValue(0);
    assertThat(told).isEmpty();
  }

  /** Such as a close that blocks: it has to be done, also when the generation is over. */
  @Test
  void otherWorkIsDoneInAnyCase() {
    begin();
    FakeWire wire = connection.wire();
    end();
    onLoop(() -> wire.generation.offload(this::counted, told::add, e -> told.add("failed")));
    rig.run();
    assertThat(calls).hasValue(1);
    assertThat(told).isEmpty();
  }

  /** Such as that a proxy was not reached, while the app still looks at the time before. */
  @Test
  void theAppIsToldOneThingAtATimeAndThenTheLatest() {
    begin();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<String> reports = new ArrayList<>();
    report(
        () -> {
          begun.countDown();
          Await.latch(release);
          reports.add("first");
        });
    Thread worker = startWorker(begun);
    report(() -> reports.add("second"));
    end();
    report(() -> reports.add("third"));
    assertThat(rig.workers.size()).as("asks for no second thread").isZero();
    release.countDown();
    join(worker);
    rig.run();
    assertThat(reports).containsExactly("first", "third");
  }

  private void report(Runnable report) {
    FakeWire wire = connection.wire();
    onLoop(() -> wire.generation.report(report));
  }
}
