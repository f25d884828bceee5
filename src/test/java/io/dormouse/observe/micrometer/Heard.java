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
  private final List<Connection> stillListed = new ArrayList<>();
  private boolean removed;

  Heard(ObservedRegistry registry) {
    this.registry = registry;
  }

  /** Returns the one that was added. */
  RegistryObserver observer() {
    return observers.get(0);
  }

  /** From now on this one is in the list, though it is closed. */
  void listStill(Connection closed) {
    stillListed.add(closed);
  }

  @Override
  public List<Connection> connections() {
    List<Connection> all = new ArrayList<>(registry.connections());
    all.addAll(stillListed);
    return all;
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

  /** Returns whether it was removed. */
  boolean removed() {
    return removed;
  }

  @Override
  public void removeObserver(RegistryObserver observer) {
    removed = true;
    registry.removeObserver(observer);
  }
}
