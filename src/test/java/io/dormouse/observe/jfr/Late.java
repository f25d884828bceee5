package io.dormouse.observe.jfr;

import io.dormouse.connection.Connection;
import io.dormouse.observe.ObservedRegistry;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.task.LongRunningTask;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A registry whose observer is told when a test says so. */
final class Late implements ObservedRegistry {
  private final ObservedRegistry registry;
  private final Queue<Callable<?>> calls = new ConcurrentLinkedQueue<>();

  Late(ObservedRegistry registry) {
    this.registry = registry;
  }

  /** Tells all that has happened. */
  void tell() throws Exception {
    for (Callable<?> call : calls) {
      call.call();
    }
  }

  @Override
  public void addObserver(RegistryObserver observer) {
    registry.addObserver(
        (RegistryObserver)
            Proxy.newProxyInstance(
                RegistryObserver.class.getClassLoader(),
                new Class<?>[] {RegistryObserver.class},
                (proxy, method, args) -> {
                  calls.add(() -> method.invoke(observer, args));
                  return null;
                }));
  }

  @Override
  public void removeObserver(RegistryObserver observer) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Connection> connections() {
    return registry.connections();
  }

  @Override
  public List<LongRunningTask> tasks() {
    return registry.tasks();
  }

  @Override
  public long nanoTime() {
    return registry.nanoTime();
  }
}
