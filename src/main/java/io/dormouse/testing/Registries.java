package io.dormouse.testing;

import io.dormouse.connection.Connection;
import io.dormouse.engine.Engine;
import io.dormouse.observe.ObservedRegistry;
import io.dormouse.observe.RegistryObserver;
import io.dormouse.task.LongRunningTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.LongSupplier;

/**
 * The registries of a world that have not ended, for whoever observes them all as one. Any thread.
 */
final class Registries implements ObservedRegistry {
  private final LongSupplier clock;
  private volatile boolean hadAny;
  private final List<Engine> live = new CopyOnWriteArrayList<>();
  private final Set<RegistryObserver> observers = new CopyOnWriteArraySet<>();

  /**
   * Creates it without registries.
   *
   * @param clock the one that all of them have, in nanoseconds
   */
  Registries(LongSupplier clock) {
    this.clock = clock;
  }

  /** Returns whether there is one, or has been. */
  boolean hasHadAny() {
    return hadAny;
  }

  /** One begins. */
  void begins(Engine engine) {
    hadAny = true;
    live.add(engine);
    observers.forEach(engine::addObserver);
  }

  /** One has ended. */
  void ended(Engine engine) {
    live.remove(engine);
  }

  List<Engine> live() {
    return List.copyOf(live);
  }

  @Override
  public List<Connection> connections() {
    List<Connection> all = new ArrayList<>();
    live.forEach(engine -> all.addAll(engine.connections()));
    return all;
  }

  @Override
  public List<LongRunningTask> tasks() {
    List<LongRunningTask> all = new ArrayList<>();
    live.forEach(engine -> all.addAll(engine.tasks()));
    return all;
  }

  @Override
  public void addObserver(RegistryObserver observer) {
    observers.add(observer);
    live.forEach(engine -> engine.addObserver(observer));
  }

  @Override
  public long nanoTime() {
    return clock.getAsLong();
  }

  @Override
  public void removeObserver(RegistryObserver observer) {
    observers.remove(observer);
    live.forEach(engine -> engine.removeObserver(observer));
  }
}
