package io.dormouse.lifecycle.jvm;

import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.lifecycle.LifecycleListener;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.lang.ref.WeakReference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Is in the foreground until the JVM shuts down, by {@code System.exit}, the end of the last thread
 * that is no daemon, or a signal such as SIGTERM; then it is terminated, and the JVM waits until
 * the registry has closed. So peers see a FIN or a WebSocket's close frame and not a dead socket.
 *
 * <pre>{@code
 * ShutdownLifecycle shutdown = ShutdownLifecycle.register();
 * ConnectionRegistry registry = ConnectionRegistry.builder(shutdown).build();
 * shutdown.guard(registry);
 * }</pre>
 *
 * <p>The wait is bounded by the registry's suspend budget, some seconds more on a busy machine, or
 * if a callback of the app does not end: one that has called {@code System.exit} can't, so another
 * thread is the better place for that. Hooks of a JVM run at the same time and in no order: a
 * callback that needs what another hook has already taken down fails, which harms only itself. A
 * JVM that is killed with SIGKILL runs no hook.
 *
 * <p>The registry is held by a weak reference, so that the hook keeps nothing in memory that the
 * app has closed; one that is open holds itself.
 *
 * @see Runtime#addShutdownHook
 */
public final class ShutdownLifecycle implements AppLifecycle, AutoCloseable {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final Thread hook = new Thread(this::shutDown, "dormouse-shutdown");
  private volatile WeakReference<@Nullable LifecycleFollower> guarded = new WeakReference<>(null);

  private ShutdownLifecycle() {
    lifecycle.onForeground();
  }

  /**
   * Creates one, and registers it with the JVM.
   *
   * @return a lifecycle in the foreground
   * @throws IllegalStateException if the JVM is shutting down already
   */
  public static ShutdownLifecycle register() {
    ShutdownLifecycle shutdown = new ShutdownLifecycle();
    Runtime.getRuntime().addShutdownHook(shutdown.hook);
    return shutdown;
  }

  /**
   * Says whom the JVM waits for: the registry that follows this lifecycle. A second call replaces
   * the first.
   *
   * @param registry the {@code ConnectionRegistry}
   */
  public void guard(LifecycleFollower registry) {
    guarded = new WeakReference<>(Objects.requireNonNull(registry, "registry"));
  }

  /** The hook. */
  void shutDown() {
    lifecycle.onTerminate();
    LifecycleFollower registry = guarded.get();
    if (registry != null) {
      registry.close();
    }
  }

  /**
   * Takes the hook back: it stays in the foreground, whatever the JVM does. For what ends before
   * the JVM, such as an app in a container. Does nothing while the JVM shuts down.
   */
  @Override
  public void close() {
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is shutting down, and runs the hook.
    }
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
