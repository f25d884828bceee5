package io.dormouse.architecture.wrong;

/** Breaks rules on purpose: a room imports it. */
public final class FrontDoor {}
