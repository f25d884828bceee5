package io.dormouse.lifecycle.crac.vm;

/** As a JVM with CRaC has it. */
public abstract class Context<R extends Resource> implements Resource {
  public abstract void register(R resource);
}
