package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CLOSED;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.support.Await;
import io.dormouse.task.LongRunningTask;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * What the loop can't be told, or can't do, for lack of memory is either refused as a whole or made
 * up for.
 */
class LackOfMemoryTest {
  @Test
  void aTaskThatCouldNotBeginKeepsNothingAwake() {
    try (Rig rig = new Rig()) {
      FakeConnection connection = rig.register("a");
      rig.loop.runOutOfMemory(1);
      assertThatThrownBy(() -> rig.engine.startTask("upload", options -> {}))
          .isInstanceOf(OutOfMemoryError.class);
      assertThat(rig.engine.tasks()).isEmpty();
      rig.front();
      rig.back();
      assertThat(connection.state()).isEqualTo(SUSPENDED);
    }
  }

  @Test
  void aConnectionThatTheLoopCouldNotBeToldOfIsNotLost() {
    try (Rig rig = new Rig()) {
      rig.front();
      rig.loop.runOutOfMemory(1);
      FakeConnection connection = rig.register("a");
      assertThat(connection.state()).isEqualTo(OPEN);
    }
  }

  @Test
  void theEndOfATaskIsNotLost() {
    try (Rig rig = new Rig()) {
      FakeConnection connection = rig.register("a");
      LongRunningTask task = rig.task("sync");
      assertThat(connection.state()).isEqualTo(OPEN);
      rig.loop.runOutOfMemory(1);
      task.close();
      rig.run();
      assertThat(connection.state()).isEqualTo(SUSPENDED);
    }
  }

  @Test
  void whatTheAppAsksForIsNotLost() {
    try (Rig rig = new Rig()) {
      FakeConnection a = rig.register("a");
      FakeConnection b = rig.register("b");
      rig.loop.runOutOfMemory(1);
      rig.front();
      assertThat(a.state()).as("after a foreground").isEqualTo(OPEN);
      rig.loop.runOutOfMemory(1);
      a.pause();
      rig.run();
      assertThat(a.state()).as("after a pause").isEqualTo(SUSPENDED);
      rig.loop.runOutOfMemory(1);
      a.close();
      rig.run();
      assertThat(a.state()).as("after its close").isEqualTo(CLOSED);
      rig.loop.runOutOfMemory(1);
      rig.back();
      assertThat(b.state()).as("after a background").isEqualTo(SUSPENDED);
      rig.loop.runOutOfMemory(1);
      rig.engine.close();
      rig.run();
      assertThat(rig.loop.hasEnded()).as("after the registry's close").isTrue();
    }
  }

  @Test
  void aSuspendThatCouldNotBeVerifiedAtOnceSettlesAllTheSame() {
    try (Rig rig = new Rig()) {
      FakeConnection connection =
          rig.register(rig.prepared("a").answer(Step.SOFT_CLOSE, Answer.LATER));
      rig.front();
      rig.back();
      CompletableFuture<SuspendReport> settled = rig.engine.settled();
      rig.run();
      assertThat(settled).isNotDone();
      rig.onLoop(
          () -> {
            rig.loop.runOutOfMemory(1);
            connection.wire().finishGracefulClose();
          });
      assertThat(rig.value(settled).connections()).hasSize(1);
    }
  }

  @Test
  void whoWaitsForOpenIsToldThoughThereWasNoMemoryForItAtOnce() {
    try (Rig rig = new Rig()) {
      FakeConnection connection = rig.registerSlow("a");
      rig.front();
      rig.loop.execute(
          () -> {
            connection.wire().up();
            rig.loop.runOutOfMemory(1); // before that which looks who waits
          });
      assertThat(rig.value(connection.whenOpen())).isNull();
    }
  }

  @Test
  void aSettledThatCouldNotBeToldAtOnceIsToldAllTheSame() {
    try (Rig rig = new Rig()) {
      rig.register("a");
      rig.front();
      CompletableFuture<SuspendReport> settled = rig.engine.settled();
      rig.workers.runOutOfMemory(1);
      assertThat(rig.value(settled)).isEqualTo(Reports.NO_SUSPEND);
    }
  }

  /** The foreground's own task comes after what was asked for. */
  @Test
  void whoAsksForAReportGetsItThoughThereWasNoMemoryToFollowTheApp() {
    try (Rig rig = new Rig()) {
      FakeConnection open = rig.register("open");
      FakeConnection asleep = rig.register("asleep");
      LongRunningTask unused = rig.task("upload", open);
      open.outOfMemoryAtLook = 1;
      rig.loop.execute(() -> Await.get(CompletableFuture.runAsync(rig.app::front)));
      CompletableFuture<SuspendReport> settled = rig.engine.settled();
      CompletableFuture<ResumeReport> resumed = rig.engine.resumed();
      assertThat(rig.value(settled)).isEqualTo(Reports.NO_SUSPEND);
      assertThat(asleep.state()).isEqualTo(OPEN);
      assertThat(rig.value(resumed).count(ResumeReport.Outcome.OPENED)).isEqualTo(1);
    }
  }

  @Test
  void aRegistryWhoseLastStepFoundNoMemoryEndsAllTheSame() {
    try (Rig rig = new Rig()) {
      rig.loop.execute(() -> rig.loop.runOutOfMemory(1)); // before that which closes
      rig.engine.close();
      rig.run();
      assertThat(rig.loop.hasEnded()).isTrue();
    }
  }
}
