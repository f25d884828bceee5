package io.dormouse.lifecycle.harmony;

import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.log.LogLine;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A long-running task that the system has granted: a lease of the registry, or one after the other,
 * and what is given back to the system when the last one has ended and nothing is being closed any
 * more. Any thread.
 */
abstract class SystemTask implements LongRunningTask {
  private static final LogLine NOT_GIVEN_BACK =
      LogLine.appError(
          LoggerFactory.getLogger(HarmonyTasks.class), "a background task could not be given back");

  final BackgroundTaskManager system;
  private final LifecycleFollower registry;
  private final String name;
  private final RecordedOptions options = new RecordedOptions();
  private volatile Runnable onGivenBack = () -> {};

  private final Object lock = new Object();
  private int leases; // guarded by lock: how many there were
  private volatile @Nullable LongRunningTask lease; // written under the lock; the last one

  SystemTask(
      LifecycleFollower registry,
      BackgroundTaskManager system,
      String name,
      Consumer<? super TaskOptions> options) {
    this.registry = registry;
    this.system = system;
    this.name = Objects.requireNonNull(name, "name");
    options.accept(this.options);
  }

  /** Requests it from the system. What the system throws reaches the app. */
  abstract void request();

  /** Gives it back to the system. */
  abstract void giveBack();

  /** Says what more there is to say of the first lease. */
  abstract void tellFirst(RecordedOptions app, TaskOptions to);

  /** Called under no lock when the first lease is there: the system may have called before. */
  abstract void started();

  /**
   * Requests it and starts it.
   *
   * @param onGivenBack is called once when the system has it back, also when this throws
   */
  final void start(Runnable onGivenBack) {
    this.onGivenBack = onGivenBack;
    try {
      request();
    } catch (Throwable e) {
      onGivenBack.run();
      throw e;
    }
    try {
      synchronized (lock) {
        lease = newLease(to -> tellFirst(options, to));
      }
    } catch (Throwable e) {
      giveBackNow();
      throw e;
    }
    started();
  }

  /**
   * Has another lease take the place of the first, if that has not ended. Does so only once. If
   * there can be no other, since all that is covered is closed, the task is revoked at once.
   */
  final void replaceLease(Consumer<TaskOptions> more) {
    synchronized (lock) {
      LongRunningTask first = lease;
      if (first == null || leases != 1 || first.ending().isPresent()) {
        return;
      }
      LongRunningTask second = secondLease(more);
      if (second == null) {
        first.revoke();
      } else {
        lease = second;
        first.close();
      }
    }
  }

  private @Nullable LongRunningTask secondLease(Consumer<TaskOptions> more) {
    try {
      return options.coverOnly(registry.connections()) ? newLease(more) : null;
    } catch (Throwable e) { // closed this very moment; it must not reach the system's callback
      return null;
    }
  }

  private LongRunningTask newLease(Consumer<TaskOptions> more) {
    leases++;
    int number = leases;
    try {
      return registry.startTask(
          name,
          to -> {
            options.tellCovered(to, this);
            more.accept(to);
            for (Consumer<LongRunningTask> callback : options.onEnded()) {
              TaskOptions unused = to.onEnded(of -> tellIfLast(number, callback));
            }
            TaskOptions unused =
                to.onEnded(of -> tellIfLast(number, task -> giveBackWhenSettled()));
          });
    } catch (Throwable e) {
      leases--;
      throw e;
    }
  }

  private void tellIfLast(int number, Consumer<LongRunningTask> callback) {
    boolean last;
    synchronized (lock) {
      last = number == leases;
    }
    if (last) {
      callback.accept(this);
    }
  }

  /** The system may suspend the app as soon as it has the task back, so not while sockets close. */
  private void giveBackWhenSettled() {
    CompletableFuture<?> unused = registry.settled().thenRun(this::giveBackNow);
  }

  private void giveBackNow() {
    try {
      giveBack();
    } catch (Throwable e) { // the bridge is the app's, and nobody waits for this
      NOT_GIVEN_BACK.write(e);
    } finally {
      onGivenBack.run();
    }
  }

  private LongRunningTask lease() {
    return Objects.requireNonNull(lease, "the app gets it when it has started");
  }

  final RecordedOptions options() {
    return options;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Set<String> covered() {
    return lease().covered();
  }

  @Override
  public Optional<Duration> remaining() {
    return lease().remaining();
  }

  @Override
  public final Optional<Ending> ending() {
    return lease().ending();
  }

  @Override
  public final void revoke() {
    synchronized (lock) {
      lease().revoke();
    }
  }

  @Override
  public final void close() {
    synchronized (lock) {
      lease().close();
    }
  }

  @Override
  public final String toString() {
    return "task " + name + ending().map(how -> " " + how).orElse("");
  }
}
