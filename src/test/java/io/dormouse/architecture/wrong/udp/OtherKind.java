package io.dormouse.architecture.wrong.udp;

/** Breaks rules on purpose: another kind knows it. */
public final class OtherKind {}
