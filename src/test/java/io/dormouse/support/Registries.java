package io.dormouse.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.observe.SuspendReport;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A registry and the app's hooks, for one test. In the end it checks that closing leaves no thread
 * behind.
 */
public final class Registries implements AutoCloseable {
  private final List<String> threadsBefore = OwnThreads.names();
  private final ManualAppLifecycle lifecycle = new ManualAppLifecycle();
  private final ConnectionRegistry registry;

  /** Creates a registry with the default budget, that retries quickly. */
  public Registries() {
    this(Duration.ofSeconds(4));
  }

  /** Creates a registry with a budget, that retries quickly. */
  public Registries(Duration budget) {
    registry =
        ConnectionRegistry.builder(lifecycle).suspendBudget(budget).retryPolicy(quickly()).build();
  }

  /** Creates a registry that a builder describes. */
  public Registries(UnaryOperator<ConnectionRegistry.Builder> options) {
    registry = options.apply(ConnectionRegistry.builder(lifecycle).retryPolicy(quickly())).build();
  }

  private static RetryPolicy quickly() {
    return RetryPolicy.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
  }

  /** Returns the registry. */
  public ConnectionRegistry registry() {
    return registry;
  }

  /** The app comes to the front. */
  public void foreground() {
    lifecycle.onForeground();
  }

  /** The app leaves; returns at once. */
  public void background() {
    lifecycle.onBackground();
  }

  /** The app leaves; returns the report when all is quiet. */
  public SuspendReport suspend() {
    lifecycle.onBackground();
    return Await.get(registry.settled());
  }

  @Override
  public void close() {
    registry.close();
    // A worker that has just run its last callback may take a moment to go.
    OwnThreads.awaitNoneBesides(threadsBefore);
    assertThat(registry.connections()).isEmpty();
  }
}
