package io.dormouse.lifecycle.crac;

import io.dormouse.check.Check;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.lifecycle.LifecycleListener;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.crac.CheckpointException;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.jspecify.annotations.Nullable;

/**
 * Is in the foreground, except while the JVM is checkpointed: a JVM with <a
 * href="https://docs.azul.com/crac/">CRaC</a> refuses that as long as a socket is open, and a
 * snapshot of <a
 * href="https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-java.html">AWS Lambda
 * SnapStart</a>, which calls the same hooks, would wake with dead ones.
 *
 * <pre>{@code
 * CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
 * ConnectionRegistry registry = ConnectionRegistry.builder(checkpoints).build();
 * checkpoints.guard(registry);
 * }</pre>
 *
 * <p>An app that has a lifecycle of its own combines the two with {@link AppLifecycle#allOf}. On a
 * JVM that knows no checkpoints it stays in the foreground for good.
 *
 * <p>{@code org.crac} holds a resource by a weak reference. A registry that follows this lifecycle
 * holds it as long as it is open, and no longer.
 */
@SuppressWarnings("exports") // a module that uses this requires org.crac itself
public final class CheckpointLifecycle implements AppLifecycle, Resource {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private final Duration timeout;
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private volatile @Nullable LifecycleFollower guarded;

  /**
   * Creates one that is registered nowhere yet, for a context of the app's own.
   *
   * @param timeout how long {@link #beforeCheckpoint} waits for the registry at most; positive, and
   *     best more than the registry's suspend budget
   * @throws IllegalArgumentException if {@code timeout} is not positive or above 365 days
   */
  public CheckpointLifecycle(Duration timeout) {
    this.timeout = Check.positive("checkpoint", "timeout", timeout);
    lifecycle.onForeground();
  }

  /**
   * Creates one that waits for its registry for up to 10 s, and registers it with {@link
   * Core#getGlobalContext()}, whose hooks run in the reverse order of registration before the
   * checkpoint, and in that order after the restore.
   *
   * @return a lifecycle in the foreground
   */
  public static CheckpointLifecycle register() {
    CheckpointLifecycle checkpoints = new CheckpointLifecycle(DEFAULT_TIMEOUT);
    Core.getGlobalContext().register(checkpoints);
    return checkpoints;
  }

  /**
   * Says who must be asleep before a checkpoint: the registry that follows this lifecycle. A second
   * call replaces the first.
   *
   * @param registry the {@code ConnectionRegistry}
   */
  public void guard(LifecycleFollower registry) {
    guarded = Objects.requireNonNull(registry, "registry");
  }

  /**
   * Puts the registry to sleep, waits until it has settled, and refuses the checkpoint if a socket
   * is left: a connection that a live long-running task keeps open, or one that the JVM was too
   * busy to close in time. The message names them. A registry whose checkpoint was refused here is
   * back in the foreground.
   *
   * @param context not used
   * @throws CheckpointException if a socket is open, or {@link #guard} was not called
   */
  @Override
  public void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException {
    LifecycleFollower registry = guarded;
    if (registry == null) {
      throw new CheckpointException(
          "nobody knows whether a socket is open: guard(registry) was not called");
    }
    lifecycle.onBackground();
    boolean asleep = false;
    try {
      boolean settled = registry.awaitSettled(timeout);
      List<String> open = registry.stillOpen();
      if (!settled || !open.isEmpty()) {
        throw new CheckpointException(refusal(settled, open));
      }
      asleep = true;
    } finally {
      if (!asleep) { // not every JVM calls the other hook then
        lifecycle.onForeground();
      }
    }
  }

  private String refusal(boolean settled, List<String> open) {
    String which = open.isEmpty() ? "" : "sockets are open: " + String.join("; ", open);
    String late = settled ? "" : "the registry has not settled within " + timeout;
    return late + (late.isEmpty() || which.isEmpty() ? "" : ", ") + which;
  }

  /**
   * Wakes the registry: its connections connect anew. Returns at once.
   *
   * @param context not used
   */
  @Override
  public void afterRestore(Context<? extends Resource> context) {
    lifecycle.onForeground();
  }

  @Override
  public AppState state() {
    return lifecycle.state();
  }

  @Override
  public void addListener(LifecycleListener listener) {
    lifecycle.addListener(listener);
  }

  @Override
  public void removeListener(LifecycleListener listener) {
    lifecycle.removeListener(listener);
  }
}
