package androidx.lifecycle;

/** Stands in for androidx's. */
public interface LifecycleOwner {
  Lifecycle getLifecycle();
}
