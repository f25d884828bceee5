package androidx.work;

import android.content.Context;

/** Stands in for androidx's, with what it inherits. */
public abstract class Worker {
  /** What became of the work. */
  public enum Result {
    SUCCESS,
    RETRY;

    public static Result success() {
      return SUCCESS;
    }

    public static Result retry() {
      return RETRY;
    }
  }

  protected Worker(Context context, WorkerParameters parameters) {}

  public abstract Result doWork();

  public void onStopped() {}
}
