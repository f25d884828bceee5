package io.dormouse.lifecycle.harmony;

import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.task.TaskOptions;
import java.util.function.Consumer;

/** A continuous task of the system, which is revoked when the system or the user cancels it. */
final class ContinuousTask extends SystemTask {
  private volatile boolean cancelled;
  private volatile boolean started;

  ContinuousTask(
      LifecycleFollower registry,
      BackgroundTaskManager system,
      String name,
      Consumer<? super TaskOptions> options) {
    super(registry, system, name, options);
  }

  @Override
  void request() {
    system.startBackgroundRunning(name(), this::cancelled);
  }

  /** What the system has ended itself is not there any more to be given back. */
  @Override
  void giveBack() {
    if (!cancelled) {
      system.stopBackgroundRunning();
    }
  }

  @Override
  void tellFirst(RecordedOptions app, TaskOptions to) {
    app.tellLimits(to);
    TaskOptions unused = to.onExpiring(of -> app.onExpiring.accept(this));
  }

  @Override
  void started() {
    started = true;
    if (cancelled) {
      revoke();
    }
  }

  private void cancelled() {
    cancelled = true;
    if (started) {
      revoke();
    }
  }
}
