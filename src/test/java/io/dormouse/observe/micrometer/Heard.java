package io.dormouse.observe.micrometer;

import io.dormouse.connection.Connection;
import io.dormouse.observe.ObservedRegistry;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.task.LongRunningTask;
import java.util.ArrayList;
import java.util.List;

/** A registry whose observers a test can tell something too. */
final class Heard implements ObservedRegistry {
  private final ObservedRegistry registry;
  private final List<RegistryObserver> observers = new ArrayList<>();

  Heard(ObservedRegistry registry) {
    this.registry = registry;
  }

  /** Returns the one that was added. */
  RegistryObserver observer() {
    return observers.get(0);
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
  public void addObserver(RegistryObserver observer) {
    observers.add(observer);
    registry.addObserver(observer);
  }

  @Override
  public long nanoTime() {
    return registry.nanoTime();
  }

  @Override
  public void removeObserver(RegistryObserver observer) {
    registry.removeObserver(observer);
  }
}
