package androidx.lifecycle;

/** Stands in for androidx's, which is in no repository that the build reads. */
public abstract class Lifecycle {
  public abstract void addObserver(DefaultLifecycleObserver observer);
}
