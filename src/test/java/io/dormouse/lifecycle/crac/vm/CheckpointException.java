package io.dormouse.lifecycle.crac.vm;

/** As a JVM with CRaC has it. */
public class CheckpointException extends Exception {
  private static final long serialVersionUID = 1;
}
