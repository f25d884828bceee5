package androidx.work;

/** Stands in for androidx's. */
public final class WorkerParameters {}
