package io.dormouse.observe.jfr;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.ConnectionStep;
import io.dormouse.observe.ObservedRegistry;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import io.dormouse.task.LongRunningTask;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import jdk.jfr.Event;
import org.jspecify.annotations.Nullable;

/**
 * Writes what happens in a registry into the recordings of the Java Flight Recorder, in the
 * category "Dormouse". Without a recording that costs next to nothing.
 *
 * <pre>{@code
 * JfrEvents.of(registry);
 * }</pre>
 *
 * <p>Then {@code jcmd <pid> JFR.start duration=60s filename=dormouse.jfr}, and {@code jfr print
 * --categories Dormouse dormouse.jfr} or JDK Mission Control.
 *
 * <p>The events, each written when it is over:
 *
 * <ul>
 *   <li>{@code io.dormouse.Generation}: one life of a connection; its address, how long until it
 *       was open, its bytes, and why it ended.
 *   <li>{@code io.dormouse.Attempt}: the part of it until it was open, or failed.
 *   <li>{@code io.dormouse.Suspend} and {@code io.dormouse.Resume}: what became of how many.
 *   <li>{@code io.dormouse.Task}: a long-running task, what it covered, and how it ended.
 * </ul>
 *
 * <p>What began before this was made is not recorded: make it right after the registry. A
 * generation that is still open is not in a recording yet; {@code registry.snapshot()} shows those.
 */
public final class JfrEvents implements AutoCloseable {
  private final ObservedRegistry registry;
  private final Recorder recorder = new Recorder();

  private JfrEvents(ObservedRegistry registry) {
    this.registry = registry;
  }

  /**
   * Begins to write events. The registry holds on to what this returns, so that the app need not.
   *
   * @param registry the {@code ConnectionRegistry}
   * @return what ends it, if it is to end before the registry does
   */
  public static JfrEvents of(ObservedRegistry registry) {
    JfrEvents events = new JfrEvents(Objects.requireNonNull(registry, "registry"));
    registry.addObserver(events.recorder);
    return events;
  }

  /** Writes no more events: what has begun by then is not written. */
  @Override
  public void close() {
    registry.removeObserver(recorder);
  }

  /** Its calls never overlap. */
  private static final class Recorder implements RegistryObserver {
    private final IdentityHashMap<Connection, Life> lives = new IdentityHashMap<>();
    private final Deque<SuspendEvent> suspends = new ArrayDeque<>();
    private @Nullable ResumeEvent resume;
    private final Map<LongRunningTask, TaskEvent> tasks = new HashMap<>();

    @Override
    public void onStep(ConnectionStep step) {
      ConnectionState to = step.change().to();
      Life life = lives.get(step.connection());
      if (life != null) {
        life.onStep(step);
      }
      if (life != null && to != ConnectionState.DRAINING && step.change().reason().isPresent()) {
        lives.remove(step.connection());
        life.end(step, step.change().reason().get());
      }
      if (to == ConnectionState.CONNECTING) {
        lives.put(step.connection(), new Life(step));
      }
    }

    @Override
    public void onSuspending() {
      suspends.add(begun(new SuspendEvent()));
    }

    /** Those that overlap are taken to end in the order in which they began. */
    @Override
    public void onSuspended(SuspendReport report) {
      SuspendEvent event = suspends.poll();
      if (event == null || !isWanted(event)) {
        return;
      }
      event.took = report.took().toNanos();
      event.withinBudget = report.withinBudget();
      event.socketsLeft = report.socketsLeft();
      event.closedCleanly = report.count(SuspendReport.Outcome.CLOSED_CLEANLY);
      event.aborted = report.count(SuspendReport.Outcome.ABORTED);
      event.kept = report.count(SuspendReport.Outcome.KEPT);
      event.wasNotOpen = report.count(SuspendReport.Outcome.WAS_NOT_OPEN);
      event.stayedOpen = report.count(SuspendReport.Outcome.STAYED_OPEN);
      for (SuspendReport.Entry entry : report.connections()) {
        event.unsentMessages += entry.unsentMessages();
        event.unsentBytes += entry.unsentBytes();
      }
      event.commit();
    }

    @Override
    public void onResuming() {
      resume = begun(new ResumeEvent());
    }

    @Override
    public void onResumed(ResumeReport report) {
      ResumeEvent event = resume;
      resume = null;
      if (event == null || !isWanted(event)) {
        return;
      }
      event.took = report.took().toNanos();
      event.opened = report.count(ResumeReport.Outcome.OPENED);
      event.stayedOpen = report.count(ResumeReport.Outcome.STAYED_OPEN);
      event.firstAttemptFailed = report.count(ResumeReport.Outcome.FIRST_ATTEMPT_FAILED);
      event.calledOff = report.count(ResumeReport.Outcome.CALLED_OFF);
      event.commit();
    }

    @Override
    public void onTaskStarted(LongRunningTask task) {
      tasks.put(task, begun(new TaskEvent()));
    }

    @Override
    public void onTaskEnded(LongRunningTask task) {
      TaskEvent event = tasks.remove(task);
      if (event != null && isWanted(event)) {
        event.task = task.name();
        event.covers = String.join(", ", task.covered());
        event.ending = task.ending().map(Enum::name).orElse(null);
        event.commit();
      }
    }
  }

  private static <E extends Event> E begun(E event) {
    event.begin();
    return event;
  }

  /** Ends an event, and returns whether a recording wants it. */
  private static boolean isWanted(Event event) {
    event.end();
    return event.shouldCommit();
  }

  /** One generation, while it lives. */
  private static final class Life {
    private final GenerationEvent generation = begun(new GenerationEvent());
    private @Nullable AttemptEvent attempt = begun(new AttemptEvent());
    private final ConnectionStep began;

    Life(ConnectionStep step) {
      began = step;
    }

    private long number() {
      return began.change().generation();
    }

    private long nanosUntil(ConnectionStep step) {
      return step.nanos() - began.nanos();
    }

    /** It is open, or the attempt has come to its end without that. */
    void onStep(ConnectionStep step) {
      if (step.address().isPresent() && step.change().generation() == number()) {
        generation.address = step.address().get().toString();
      }
      if (step.change().to() == ConnectionState.OPEN && attempt != null) {
        generation.wasOpen = true;
        generation.untilOpen = nanosUntil(step);
        attempt.succeeded = true;
        commitAttempt(step, null);
      }
    }

    void end(ConnectionStep step, CloseReason why) {
      commitAttempt(step, why);
      if (!isWanted(generation)) {
        return;
      }
      Connection connection = step.connection();
      generation.connection = connection.name();
      generation.kind = connection.kind().name();
      generation.generation = number();
      generation.lasted = nanosUntil(step);
      generation.bytesIn = step.bytesIn() - began.bytesIn();
      generation.bytesOut = step.bytesOut() - began.bytesOut();
      generation.reason = why.kind().name();
      generation.detail = why.toString();
      generation.commit();
    }

    private void commitAttempt(ConnectionStep step, @Nullable CloseReason why) {
      AttemptEvent event = attempt;
      attempt = null;
      if (event == null || !isWanted(event)) {
        return;
      }
      event.connection = step.connection().name();
      event.kind = step.connection().kind().name();
      event.generation = number();
      event.took = nanosUntil(step);
      event.address = generation.address;
      event.reason = why == null ? null : why.kind().name();
      event.detail = why == null ? null : why.toString();
      event.commit();
    }
  }
}
