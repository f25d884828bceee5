package android.app;

/** Stands in for Android's. */
public class Activity {}
