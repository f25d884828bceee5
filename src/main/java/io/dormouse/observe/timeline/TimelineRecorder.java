package io.dormouse.observe.timeline;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.observe.ConnectionStep;
import io.dormouse.observe.ObservedRegistry;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.task.LongRunningTask;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what happened in a registry: each state of each connection with its reason and address,
 * each task, and when the app was in the background.
 *
 * <pre>{@code
 * TimelineRecorder recorder = TimelineRecorder.of(registry);
 * ...
 * String page = recorder.timeline().toHtml("the app's connections"); // to be opened in a browser
 * }</pre>
 *
 * <p>Its memory is bounded, however long it records: the latest steps, 10,000 if nothing else is
 * said, of at most 256 connections and tasks. That is some 2 MiB as a rule, and 10 MiB at most.
 * {@link Timeline#dropped()} says how many it has forgotten. Of each name, reason and address it
 * keeps the first 200 characters. Payloads, headers, and what a peer said when it closed are never
 * in it; names, addresses and the details of reasons are.
 *
 * <p>Times are those of the registry's clock. All methods are safe from any thread and return at
 * once.
 */
public final class TimelineRecorder implements AutoCloseable {
  private static final int DEFAULT_STEPS = 10_000;
  private static final int MOST_STEPS = 100_000;

  private final ObservedRegistry registry;
  private final Listener listener = new Listener();
  private final long beganNanos;
  private final History history; // guarded by itself

  private TimelineRecorder(ObservedRegistry registry, int mostSteps) {
    this.registry = registry;
    this.history = new History(mostSteps);
    this.beganNanos = registry.nanoTime();
  }

  /**
   * Records a registry from now on: the latest 10,000 steps.
   *
   * @param registry an app's {@code ConnectionRegistry}, open
   * @return the recorder, to be {@linkplain #close() closed} when enough is recorded
   */
  public static TimelineRecorder of(ObservedRegistry registry) {
    return of(registry, DEFAULT_STEPS);
  }

  /**
   * Records a registry from now on.
   *
   * @param registry an app's {@code ConnectionRegistry}, open
   * @param mostSteps how many steps it remembers, the latest; from 1 to 100,000
   * @return the recorder, to be {@linkplain #close() closed} when enough is recorded
   * @throws IllegalArgumentException if {@code mostSteps} is out of bounds
   */
  public static TimelineRecorder of(ObservedRegistry registry, int mostSteps) {
    Objects.requireNonNull(registry, "registry");
    if (mostSteps < 1 || mostSteps > MOST_STEPS) {
      throw new IllegalArgumentException(
          "timeline: mostSteps must be from 1 to " + MOST_STEPS + ", not " + mostSteps);
    }
    TimelineRecorder recorder = new TimelineRecorder(registry, mostSteps);
    registry.addObserver(recorder.listener);
    recorder.begin();
    return recorder;
  }

  /** Takes down who is there already, unless a step of theirs has come first. */
  private void begin() {
    for (Connection connection : registry.connections()) {
      synchronized (history) {
        // Asked under the lock: one that is not closed now will be heard of when it is.
        ConnectionState state = connection.state();
        if (state != ConnectionState.CLOSED && !history.isLive(connection)) {
          beginRow(connection, Shade.of(state));
        }
      }
    }
    for (LongRunningTask task : registry.tasks()) {
      synchronized (history) {
        if (!task.ending().isPresent()) {
          listener.onTaskStarted(task);
        }
      }
    }
  }

  /** {@return what is remembered now} */
  public Timeline timeline() {
    synchronized (history) {
      return history.timeline(now());
    }
  }

  /**
   * Notes something of the app's own, such as that a person has pressed a button. It is a line of
   * {@link Timeline#toText()}; the other forms don't show it.
   *
   * @param who whom it happened to, or who did it; of at most 256 different ones
   * @param what what happened
   */
  public void note(String who, String what) {
    Objects.requireNonNull(who, "who");
    Objects.requireNonNull(what, "what");
    synchronized (history) {
      history.note(now(), who, what);
    }
  }

  /** Ends the recording; what is remembered stays. Does nothing the second time. */
  @Override
  public void close() {
    registry.removeObserver(listener);
  }

  private void beginRow(Connection connection, @Nullable Shade initial) {
    history.begin(connection, connection.name(), connection.kind().name(), initial);
  }

  private long now() {
    return micros(registry.nanoTime());
  }

  /** Since the recording began. */
  private long micros(long nanos) {
    return Math.max(0, (nanos - beganNanos) / 1_000);
  }

  /** Told by the registry, one call at a time, and by {@link #begin}. */
  private final class Listener implements RegistryObserver {
    @Override
    public void onStep(ConnectionStep step) {
      Connection connection = step.connection();
      StateChange change = step.change();
      ConnectionState from = change.from();
      String reason = change.reason().map(CloseReason::toString).orElse("");
      String address = step.address().map(InetSocketAddress::toString).orElse(""); // no look-up
      long micros = micros(step.nanos());
      synchronized (history) {
        if (history.isLive(connection)) {
          history.comesFrom(connection, Shade.of(from));
        } else {
          // One that is new begins with its first step; any other was there before the recording.
          beginRow(connection, from == ConnectionState.SUSPENDED ? null : Shade.of(from));
        }
        History.Entry entry =
            new History.Entry(micros, Shade.of(change.to()), change.generation(), reason, address);
        if (change.to() == ConnectionState.CLOSED) {
          history.end(connection, entry);
        } else {
          history.step(connection, entry);
        }
      }
    }

    @Override
    public void onSuspending() {
      synchronized (history) {
        history.away(now(), true);
      }
    }

    @Override
    public void onResuming() {
      synchronized (history) {
        history.away(now(), false);
      }
    }

    @Override
    public void onTaskStarted(LongRunningTask task) {
      Set<String> covered = task.covered();
      String covers =
          "covers " + (covered.isEmpty() ? "all connections" : String.join(", ", covered));
      synchronized (history) {
        if (!history.isLive(task)) {
          history.begin(task, task.name(), Row.TASK, null);
          history.step(task, new History.Entry(now(), Shade.TASK, 0, covers, ""));
        }
      }
    }

    @Override
    public void onTaskEnded(LongRunningTask task) {
      String how = task.ending().map(Enum::name).orElse("ended").toLowerCase(Locale.ROOT);
      synchronized (history) {
        history.end(task, new History.Entry(now(), null, 0, how, ""));
      }
    }
  }
}
