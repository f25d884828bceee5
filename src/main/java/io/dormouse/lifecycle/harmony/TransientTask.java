package io.dormouse.lifecycle.harmony;

import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.task.TaskOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A transient task of the system. When the system warns of its end, a lease of {@link
 * HarmonyTasks#LAST_TIME} takes the place of the one before, and warns the app at once.
 */
final class TransientTask extends SystemTask {
  private final AtomicBoolean appWarned = new AtomicBoolean();
  private volatile int requestId;
  private volatile boolean expiring;

  TransientTask(
      LifecycleFollower registry,
      BackgroundTaskManager system,
      String reason,
      Consumer<? super TaskOptions> options) {
    super(registry, system, reason, options);
  }

  @Override
  void request() {
    requestId = system.requestSuspendDelay(name(), this::warned).requestId();
  }

  @Override
  void giveBack() {
    system.cancelSuspendDelay(requestId);
  }

  @Override
  void tellFirst(RecordedOptions app, TaskOptions to) {
    app.tellLimits(to);
    TaskOptions unused = to.onExpiring(of -> warnApp());
  }

  @Override
  void started() {
    if (expiring) {
      warned();
    }
  }

  private void warned() {
    expiring = true;
    replaceLease(
        to -> {
          TaskOptions unused =
              to.atMost(HarmonyTasks.LAST_TIME)
                  .warnBefore(HarmonyTasks.LAST_TIME)
                  .onExpiring(of -> warnApp());
        });
  }

  private void warnApp() {
    if (appWarned.compareAndSet(false, true)) {
      options().onExpiring.accept(this);
    }
  }

  /** The system's answer, or the lease's if that ends sooner. */
  @Override
  public Optional<Duration> remaining() {
    Optional<Duration> ours = super.remaining();
    if (ending().isPresent()) {
      return Optional.of(Duration.ZERO);
    }
    Duration systems = system.getRemainingDelayTime(requestId);
    return Optional.of(ours.filter(left -> left.compareTo(systems) < 0).orElse(systems));
  }
}
