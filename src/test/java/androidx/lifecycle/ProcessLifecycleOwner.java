package androidx.lifecycle;

import java.util.ArrayList;
import java.util.List;

/** Stands in for androidx's: what it tells its observers is played. */
public final class ProcessLifecycleOwner implements LifecycleOwner {
  private static final ProcessLifecycleOwner INSTANCE = new ProcessLifecycleOwner();

  private final List<DefaultLifecycleObserver> observers = new ArrayList<>();

  private ProcessLifecycleOwner() {}

  public static ProcessLifecycleOwner get() {
    return INSTANCE;
  }

  @Override
  public Lifecycle getLifecycle() {
    return new Lifecycle() {
      @Override
      public void addObserver(DefaultLifecycleObserver observer) {
        observers.add(observer);
      }
    };
  }

  /** An activity of the process has started. */
  public void start() {
    observers.forEach(observer -> observer.onStart(this));
  }

  /** The last one has stopped, some time ago. */
  public void stop() {
    observers.forEach(observer -> observer.onStop(this));
  }
}
