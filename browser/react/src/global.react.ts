// React where it is a global, for the classic script.
import type * as React from "react";

export const { Component, createElement, useCallback, useState } = (window as unknown as { React: typeof React }).React;
