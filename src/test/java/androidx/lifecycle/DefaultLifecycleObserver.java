package androidx.lifecycle;

/** Stands in for androidx's. */
public interface DefaultLifecycleObserver {
  default void onStart(LifecycleOwner owner) {}

  default void onStop(LifecycleOwner owner) {}
}
