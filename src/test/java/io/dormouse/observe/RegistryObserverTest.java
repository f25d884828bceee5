package io.dormouse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.support.Await;
import io.dormouse.support.FourKinds;
import io.dormouse.support.Registries;
import io.dormouse.task.LongRunningTask;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What an observer of a registry hears. */
class RegistryObserverTest {
  /** Writes down what it hears. */
  private static class Notes implements RegistryObserver {
    final List<String> heard = new CopyOnWriteArrayList<>();
    final List<ConnectionStep> steps = new CopyOnWriteArrayList<>();

    @Override
    public void onStep(ConnectionStep step) {
      steps.add(step);
      if (step.connection().name().equals("tcp")) {
        heard.add("tcp " + step.change().to());
      }
    }

    @Override
    public void onSuspending() {
      heard.add("suspending");
    }

    @Override
    public void onSuspended(SuspendReport report) {
      heard.add("suspended, cleanly " + report.count(SuspendReport.Outcome.CLOSED_CLEANLY));
    }

    @Override
    public void onResuming() {
      heard.add("resuming");
    }

    @Override
    public void onResumed(ResumeReport report) {
      heard.add("resumed, opened " + report.count(ResumeReport.Outcome.OPENED));
    }

    @Override
    public void onTaskStarted(LongRunningTask task) {
      heard.add("started " + task.name());
    }

    @Override
    public void onTaskEnded(LongRunningTask task) {
      heard.add("ended " + task.name() + task.ending());
    }
  }

  @Test
  void anObserverHearsOfAllInTheOrderInWhichItHappened() {
    Notes notes = new Notes();
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      app.registry().addObserver(notes);
      app.registry().addObserver(notes); // the same as once
      app.foreground();
      kinds.awaitOpen();
      Await.get(app.registry().resumed());
      try (LongRunningTask task = app.registry().startTask("upload")) {
        assertThat(task.covered()).isEmpty();
      }
      app.suspend();
    }
    assertThat(notes.heard)
        .containsSubsequence(
            "resuming",
            "tcp CONNECTING",
            "tcp PREPARING",
            "tcp OPEN",
            "resumed, opened 4",
            "started upload",
            "ended uploadOptional[CLOSED]",
            "suspending",
            "tcp DRAINING",
            "tcp SUSPENDED",
            "suspended, cleanly 4",
            "tcp CLOSED");
    assertThat(notes.heard).doesNotHaveDuplicates();
    ConnectionStep open =
        notes.steps.stream()
            .filter(step -> step.connection().name().equals("tcp"))
            .filter(step -> step.change().to() == ConnectionState.OPEN)
            .findFirst()
            .get();
    assertThat(open.address().map(Object::toString).orElse("")).contains("127.0.0.1:");
    assertThat(open.toString()).matches("tcp: PREPARING -> OPEN \\S*/127.0.0.1:\\d+");
    assertThat(notes.steps).isSortedAccordingTo((a, b) -> Long.compare(a.nanos(), b.nanos()));
  }

  @Test
  void oneThatBlocksHoldsUpNobodyElse() {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    Notes notes = new Notes();
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      app.registry()
          .addObserver(
              new RegistryObserver() {
                @Override
                public void onResuming() {
                  blocked.countDown();
                  Await.hold(held);
                }
              });
      app.registry().addObserver(notes);
      app.foreground();
      Await.latch(blocked);
      kinds.awaitOpen();
      kinds.roundTrips("hello");
      assertThat(app.suspend().withinBudget()).isTrue();
      Await.until("the other hears", () -> notes.heard.contains("suspended, cleanly 4"));
      held.countDown();
    }
  }

  @Test
  void oneThatThrowsHearsOfTheNextAsUsual() {
    Notes notes =
        new Notes() {
          @Override
          public void onResuming() {
            throw new IllegalStateException("on purpose");
          }
        };
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      app.registry().addObserver(notes);
      app.foreground();
      kinds.awaitOpen();
      Await.until("it hears", () -> notes.heard.contains("resumed, opened 4"));
    }
  }

  @Test
  void oneThatWasRemovedHearsNothing() {
    Notes notes = new Notes();
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      app.registry().addObserver(notes);
      app.registry().removeObserver(notes);
      app.foreground();
      kinds.awaitOpen();
    }
    assertThat(notes.heard).isEmpty();
    assertThat(notes.steps).isEmpty();
  }

  @Test
  void oneThatWasRemovedHearsNothingOfWhatWasOnItsWay() {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    Notes notes =
        new Notes() {
          @Override
          public void onResuming() {
            super.onResuming();
            blocked.countDown();
            Await.hold(held);
          }
        };
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      app.registry().addObserver(notes);
      app.foreground();
      Await.latch(blocked);
      kinds.awaitOpen();
      app.registry().removeObserver(notes);
      held.countDown();
      app.suspend();
    }
    assertThat(notes.heard).containsExactly("resuming");
    assertThat(notes.steps).isEmpty();
  }

  /** What an observer may do in its calls: anything that an app may do on its own threads. */
  @Test
  void oneMayUseTheRegistryInItsCallsAndCloseIt() {
    CountDownLatch closed = new CountDownLatch(1);
    List<String> done = new CopyOnWriteArrayList<>();
    try (Registries app = new Registries();
        FourKinds kinds = new FourKinds(app.registry())) {
      ConnectionRegistry registry = app.registry();
      registry.addObserver(
          new RegistryObserver() {
            @Override
            public void onResumed(ResumeReport report) {
              try {
                useAll();
              } catch (Throwable e) {
                done.add(e.toString());
              }
              closed.countDown();
            }

            private void useAll() {
              Connection more =
                  registry.tcp("more").connectTo("127.0.0.1", kinds.tcpPort()).register();
              Await.get(more.whenOpen());
              done.add("registered");
              assertThat(registry.stillOpen()).contains("more (OPEN)");
              assertThat(registry.snapshot().connections()).hasSize(5);
              more.close();
              try (LongRunningTask task = registry.startTask("task")) {
                assertThat(registry.tasks()).containsExactly(task);
              }
              app.background();
              assertThat(registry.awaitSettled(Await.LIMIT)).isTrue();
              registry.assertQuiescent();
              done.add("suspended");
              registry.addObserver(new Notes());
              registry.removeObserver(this);
              registry.close();
              done.add("closed");
            }

            @Override
            public void onSuspended(SuspendReport report) {
              done.add("not removed");
            }
          });
      app.foreground();
      Await.latch(closed);
      // In a call of the library's, close() does not wait.
      Await.until("all are closed", () -> registry.connections().isEmpty());
    }
    assertThat(done).containsExactly("registered", "suspended", "closed");
  }
}
