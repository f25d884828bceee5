package io.dormouse.example.platforms;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/**
 * A bean that Spring starts first and stops last, also around a checkpoint of CRaC: Spring stops
 * all such beans before it, and starts them after the restore.
 */
public final class SpringConnections implements SmartLifecycle, AutoCloseable {
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build();

  /** For the beans that register connections. */
  public ConnectionRegistry registry() {
    return registry;
  }

  @Override
  public void start() {
    lifecycle.onForeground();
  }

  @Override
  public void stop() {
    lifecycle.onBackground();
    if (!registry.awaitSettled(Duration.ofSeconds(10))) {
      throw new IllegalStateException("sockets are open: " + registry.stillOpen());
    }
  }

  @Override
  public boolean isRunning() {
    return lifecycle.state() == AppState.FOREGROUND;
  }

  /** Before all that use it, and after them when it stops. */
  @Override
  public int getPhase() {
    return Integer.MIN_VALUE;
  }

  /** When the context is closed. */
  @Override
  public void close() {
    registry.close();
  }
}
